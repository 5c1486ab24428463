import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** On a terminal the line is written over by the next one. */
export function showAlive(line) {
  process.stderr.write(process.stderr.isTTY ? `${line}\r` : `${line}\n`);
}

/** Says what is wrong and what to do about it, and ends the process. */
export function die(line) {
  say(line);
  process.exit(1);
}
