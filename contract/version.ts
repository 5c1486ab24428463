import { readFileSync } from "node:fs";

const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");

/** The store's own, as `package.json` says it. */
export const { version } = JSON.parse(manifest) as { version: string };
