import feed from "./001-feed.ts";

export default [feed];
