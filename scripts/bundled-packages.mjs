// Loaded before a store (`node --import`): imports of the bundled packages lead to their bundle (scripts/bundle-packages.ts).
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

const folder = new URL("../node_modules/.cache/packages/", import.meta.url);
const files = JSON.parse(readFileSync(new URL("files.json", folder), "utf8"));
const urls = new Map(Object.entries(files).map(([name, file]) => [name, new URL(file, folder).href]));

registerHooks({
  resolve(name, context, next) {
    const url = urls.get(name);
    // What packages outside of the bundle `require` stays theirs: a module is not what they expect.
    if (url === undefined || context.conditions.includes("require")) return next(name, context);
    return { url, format: "module", shortCircuit: true };
  },
});
