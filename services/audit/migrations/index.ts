import entries from "./001-entries.ts";

export default [entries];
