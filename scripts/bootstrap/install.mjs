import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { die, root, say, showAlive } from "./report.mjs";
import { run, signalCode, stopSignal } from "./run.mjs";

const LOCKFILE = join(root, "package-lock.json");
const INSTALLED = join(root, "node_modules/.package-lock.json");
const STAMP = join(root, "node_modules/.installed-lockfile");
const PULSE_MS = process.stderr.isTTY ? 1_000 : 5_000;
const STOP_MS = 2_000;
const TAIL_LINES = 15;

const ADVICE = [
  [
    /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH/,
    "The npm registry was not reached: check the network and npm's proxy setting (npm config get proxy), then run this again.",
  ],
  [/ENOSPC/, "The disk is full: make room, then run this again."],
  [/EACCES|EPERM/, "npm may not write here: check who owns this folder and its node_modules."],
  [
    /EUSAGE|not in sync/,
    "package.json and package-lock.json differ: run `npm install` once, then this again.",
  ],
];

/** Installs the packages of the lockfile with `npm ci`, unless they are there; answers an exit code when interrupted. */
export async function install() {
  const wanted = createHash("sha256").update(readFileSync(LOCKFILE)).digest("hex");
  if (isInstalled(wanted)) return 0;
  say("Installing the packages of package-lock.json (npm ci); the first time this takes about a minute ...");
  const started = Date.now();
  const { code, output } = await npmCi();
  if (stopSignal() !== undefined) return signalCode(stopSignal());
  if (code !== 0) fail(output);
  writeFileSync(STAMP, wanted);
  say(`Installed in ${seconds(started)} s.`);
  return 0;
}

function isInstalled(wanted) {
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) return true;
  if (!existsSync(INSTALLED) || !holdsLockedPackages()) return false;
  writeFileSync(STAMP, wanted);
  return true;
}

/** True after a plain `npm install` too, which leaves no stamp of ours. */
function holdsLockedPackages() {
  const locked = JSON.parse(readFileSync(LOCKFILE, "utf8")).packages;
  const installed = JSON.parse(readFileSync(INSTALLED, "utf8")).packages;
  return Object.entries(locked).every(
    ([path, entry]) => path === "" || entry.optional || installed[path]?.version === entry.version,
  );
}

async function npmCi() {
  const started = Date.now();
  const pulse = setInterval(() => showAlive(`... still installing, ${seconds(started)} s`), PULSE_MS);
  let output = "";
  const keep = (chunk) => (output = (output + chunk).slice(-20_000));
  try {
    const code = await run("npm", ["ci", "--include=dev", "--no-progress"], {
      env: { ...process.env, PATH: pathWithoutPackages() },
      shell: process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
      graceMs: STOP_MS,
      onSpawn: (child) => {
        child.stdout.on("data", keep);
        child.stderr.on("data", keep);
      },
    });
    return { code, output };
  } catch (error) {
    die(
      `npm could not be run (${error.message}). Valence needs nothing but Node and npm: is npm on the PATH?`,
    );
  } finally {
    clearInterval(pulse);
  }
}

/** npm must not run on the Node inside node_modules, which it is about to delete. */
function pathWithoutPackages() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.filter((folder) => !folder.includes("node_modules")).join(delimiter);
}

function fail(output) {
  say(output.trimEnd().split("\n").slice(-TAIL_LINES).join("\n"));
  const advice = ADVICE.find(([pattern]) => pattern.test(output))?.[1];
  die(`Installing failed. ${advice ?? "Delete node_modules and run this again; npm's words are above."}`);
}

function seconds(started) {
  return Math.round((Date.now() - started) / 1000);
}
