/** Runs the store for work on it: starts anew when a source of the server changes; the front end is swapped in place. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";

if (process.argv.includes("--help")) {
  console.log(
    "npm run dev: broker and front end on one PORT. A change of the server starts it anew, a change of the front end shows at once.",
  );
} else {
  const server = join(import.meta.dirname, "dev-server.ts");
  const child = spawn(process.execPath, ["--watch", "--watch-preserve-output", server], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.once("close", (code) => process.exit(code ?? 0));
}
