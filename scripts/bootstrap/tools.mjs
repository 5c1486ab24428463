import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { die, root, say } from "./report.mjs";

/** The JavaScript file behind a tool's name: `mocha` -> node_modules/mocha/bin/mocha.js. */
export function toolFile(name) {
  const folder = join(root, "node_modules", name === "tsc" ? "typescript" : name);
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest))
    die(`The tool ${name} is not installed. Delete node_modules and run this again.`);
  const { bin } = JSON.parse(readFileSync(manifest, "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[name]);
}

/** What the README's table says about the npm script that is running. */
export function describeScript(tool) {
  const script = process.env.npm_lifecycle_event ?? tool;
  const command = ["start", "test"].includes(script) ? `npm ${script}` : `npm run ${script}`;
  const row = readFileSync(join(root, "README.md"), "utf8")
    .split("\n")
    .find((line) => line.startsWith(`| \`${command}\``));
  say(`${command}: ${row?.split("|")[2]?.trim() ?? "see the README"}`);
  say(
    `Further options go to ${tool} (\`${command} -- <options>\`); it lists them with \`npx ${tool} --help\`.`,
  );
}
