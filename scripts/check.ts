/** The quick gate: linter, formatter, compiler and unit tests, two at a time; prints the output of what failed. */
import { spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** What an earlier run found of files that are the same since; a clean checkout starts without. */
const cached = (tool: string) => ["--cache", "--cache-location", `node_modules/.cache/valence-check/${tool}`];

const STEPS: [name: string, tool: string, ...args: string[]][] = [
  ["lint", "eslint", "--max-warnings", "0", ...cached("eslint"), "--cache-strategy", "content", "."],
  ["types", "tsc"],
  ["types of the front end", "vue-tsc", "--noEmit", "-p", "public"],
  ["format", "prettier", "--check", "--log-level", "warn", ...cached("prettier"), "."],
  ["unit tests", "mocha", "test/unit/**/*.spec.ts"],
];

if (process.argv.includes("--help")) {
  console.log(`npm run check: ${STEPS.map(([name]) => name).join(", ")}. It takes no options.`);
} else {
  const waiting = [...STEPS];
  const results = (await Promise.all([work(waiting), work(waiting)])).flat();
  const passed = results.filter(Boolean).length;
  console.log(`${passed} passed, ${results.length - passed} failed`);
  process.exitCode = passed === results.length ? 0 : 1;
}

async function work(waiting: typeof STEPS): Promise<boolean[]> {
  const results: boolean[] = [];
  for (let step = waiting.shift(); step; step = waiting.shift()) results.push(await runStep(step));
  return results;
}

function runStep([name, tool, ...args]: (typeof STEPS)[number]): Promise<boolean> {
  const started = Date.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["scripts/bootstrap.mjs", tool, ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    }
    child.once("close", (code) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
      if (code !== 0) console.log(indent(output));
      resolve(code === 0);
    });
  });
}

/** Set in, so that only this program's own closing line stands at the left edge. */
function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, "  ");
}
