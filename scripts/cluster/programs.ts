import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { environment } from "../../moleculer.config.ts";

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where Debian keeps the server programs that are not on the path: the newest version first. */
function postgresFolders(): string[] {
  const root = "/usr/lib/postgresql";
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(root, version, "bin"));
  } catch {
    return [];
  }
}

/** The program's file, or undefined when it is not installed. */
export function findProgram(name: string): string | undefined {
  const path = (environment()["PATH"] ?? "").split(delimiter);
  const folders = [...path, "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin", ...postgresFolders()];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

interface Need {
  program: string;
  what: string;
  install: string;
}

const needs = {
  nats: {
    program: "nats-server",
    what: "NATS, which joins the nodes",
    install: "apt-get install nats-server, brew install nats-server, or https://nats.io/download",
  },
  postgres: {
    program: "initdb",
    what: "PostgreSQL, the databases of the actors",
    install:
      "apt-get install postgresql, brew install postgresql, or name one that runs: --postgres postgres://...",
  },
} as const satisfies Record<string, Need>;

/** One line for each program that is missing: what it is for and how to get it. */
export function missingPrograms(names: readonly (keyof typeof needs)[]): string[] {
  return names
    .map((name) => needs[name])
    .filter(({ program }) => findProgram(program) === undefined)
    .map(({ program, what, install }) => `${program} is missing (${what}). Install it: ${install}.`);
}
