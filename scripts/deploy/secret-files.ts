import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const password = (): string => randomBytes(24).toString("base64url");

/** A folder of secrets, each in a file of its own; what is there is kept. */
export class SecretFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o700);
  }

  /** The value of a secret, made once. */
  make(name: string, make: () => string): string {
    const file = join(this.folder, name);
    if (existsSync(file)) return readFileSync(file, "utf8").trim();
    const value = make();
    mkdirSync(dirname(file), { recursive: true });
    // No line end: Kubernetes hands a file over as it is. The folder is closed to others on this machine; inside a
    // container its user must be able to read the mounted file.
    writeFileSync(file, value, { mode: 0o444 });
    return value;
  }

  /** Passwords under which files of their own. */
  passwords(prefix: string, names: readonly string[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, this.make(`${prefix}${name}`, password)]));
  }
}
