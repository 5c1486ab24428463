import { generateKeyPairSync, randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "./read.ts";

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

/** Makes the data folder, readable by its owner alone; one that is there already keeps its mode. */
export function makeDataDir(folder: string): void {
  try {
    if (mkdirSync(folder, { recursive: true }) !== undefined) chmodSync(folder, 0o700);
  } catch {
    throw new ConfigError(
      "DATA_DIR",
      "names a folder that cannot be made; choose one that this user may write.",
    );
  }
}

/** A secret that was not given: made once and kept in the data folder with mode 0600. */
export function keptSecret(
  folder: string,
  name: string,
  make: () => string,
): { value: string; made: boolean } {
  const file = join(folder, name);
  const known = readIfThere(file);
  if (known !== undefined) return { value: known, made: false };
  // Written aside and linked into place: of two processes that start at once the second takes the first one's secret,
  // and a crash never leaves half of one.
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, `${make()}\n`, { mode: 0o600, flush: true });
    linkSync(draft, file);
  } catch (error) {
    if (!isCode(error, "EEXIST")) {
      throw new ConfigError("DATA_DIR", "names a folder that cannot be written; choose another.");
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return { value: readIfThere(file) as string, made: true };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw new ConfigError("DATA_DIR", "holds a secret that this user cannot read; start as its owner.");
  }
}

export const makeSecret = (): string => randomBytes(32).toString("base64url");

/** Sixteen letters and digits that are not mistaken for one another: 77 bits. */
export function makePassword(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const pick = (): string => {
    const byte = randomBytes(1)[0] as number;
    return byte < 248 ? (letters[byte % letters.length] as string) : pick();
  };
  const group = () => Array.from({ length: 4 }, pick).join("");
  return [group(), group(), group(), group()].join("-");
}

/** A JSON Web Key Set with one new ES256 key. */
export function makeJwtKeys(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return JSON.stringify({
    keys: [{ kid: randomBytes(6).toString("hex"), ...privateKey.export({ format: "jwk" }) }],
  });
}
