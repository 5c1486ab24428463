// Plain JavaScript for Node 20.19 and newer: it runs before anything is installed.
//   node scripts/bootstrap.mjs [--spa] [--serve] <script path or tool name> [arguments]
// installs and bundles what is missing, builds the SPA when asked (--spa) and stale, and runs the rest under the pinned Node 24.
// --serve: being told to stop is a success.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { install } from "./bootstrap/install.mjs";
import { bundlePackages } from "./bootstrap/packages.mjs";
import { die, root } from "./bootstrap/report.mjs";
import { run, signalCode, stopSignal } from "./bootstrap/run.mjs";
import { SERVER_ENV, serverFlags } from "./bootstrap/server-flags.mjs";
import { buildSpa } from "./bootstrap/spa.mjs";
import { describeScript, toolFile } from "./bootstrap/tools.mjs";

const OLDEST_NODE = [20, 19];

checkNodeVersion();
const args = process.argv.slice(2);
const flags = new Set();
while (args[0]?.startsWith("--")) flags.add(args.shift());
const [target, ...targetArgs] = args;
if (target === undefined)
  die("Usage: node scripts/bootstrap.mjs [--spa] [--serve] <script or tool> [arguments]");

const isTool = !target.includes("/");
const asksForHelp = targetArgs.includes("--help");
if (isTool && asksForHelp) {
  describeScript(target);
  process.exit(0);
}

const installed = await install();
if (installed !== 0) end(installed);
const node = pinnedNode();
if (!asksForHelp) await bundlePackages(runNode);
if (flags.has("--spa") && !asksForHelp) await buildSpa(runNode);
end(await runNode(isTool ? toolFile(target) : target, targetArgs));

/** Compiled modules are kept between runs, which halves the time of a start; coverage needs them compiled anew. */
function compileCache() {
  return target === "c8" ? {} : { NODE_COMPILE_CACHE: join(root, "node_modules/.cache/valence") };
}

async function runNode(file, fileArgs) {
  const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`;
  const serves = flags.has("--serve") && file === target;
  const nodeFlags = serves ? serverFlags(process.env) : [];
  const code = await run(node, [...nodeFlags, file, ...fileArgs], {
    env: { ...compileCache(), ...(serves && SERVER_ENV), ...process.env, PATH: path },
  });
  if (code !== 0 || stopSignal() !== undefined) end(code);
  return code;
}

/** A server that ended by the very signal it was handed did what it was told. */
function end(code) {
  const asked = flags.has("--serve") && stopSignal() !== undefined && code === signalCode(stopSignal());
  process.exit(asked ? 0 : code);
}

function checkNodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  die(
    `Valence needs Node ${OLDEST_NODE.join(".")} or newer to start; this is ${process.version}. Get one from nodejs.org.`,
  );
}

/** The runtime from the npm package `node`, or this very process's when that one could not be installed. */
function pinnedNode() {
  const pinned = join(root, "node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(pinned)) return pinned;
  if (process.versions.node.startsWith("24.")) return process.execPath;
  die(
    "The pinned Node 24 is missing: npm must be allowed to run install scripts (npm config get ignore-scripts). " +
      "Then delete node_modules and run this again.",
  );
}
