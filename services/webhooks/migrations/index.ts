import feed from "./001-feed.ts";
import trace from "./002-trace.ts";

export default [feed, trace];
