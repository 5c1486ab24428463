import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface BackedUp {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Rows of each table; of a collection's file, none. */
  readonly rows?: Readonly<Record<string, number>>;
}

export interface Manifest {
  readonly format: 1;
  /** The instant that the copies show, UTC. */
  readonly at: string;
  readonly files: readonly BackedUp[];
}

export const manifestName = "backup.json";

export const readManifest = (folder: string): Manifest => {
  try {
    return JSON.parse(readFileSync(join(folder, manifestName), "utf8")) as Manifest;
  } catch {
    throw new Error(`${folder} holds no whole backup: ${manifestName} is missing or broken.`);
  }
};

export async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(part as Buffer);
  return hash.digest("hex");
}

/** Reads a copied database through: its own check, and the rows of each table. @throws when it is damaged */
export function countRows(file: string): Record<string, number> {
  // The copies have no journal beside them, and none is to be made.
  const database = new DatabaseSync(`file:${encodeURI(file)}?immutable=1`, { readOnly: true });
  try {
    const [first] = database.prepare("pragma integrity_check(1)").all() as { integrity_check: string }[];
    if (first?.integrity_check !== "ok") throw new Error(`${file} is damaged: ${first?.integrity_check}`);
    const tables = database
      .prepare(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name",
      )
      .all() as { name: string }[];
    const count = (name: string) =>
      (database.prepare(`select count(*) as n from "${name.replaceAll('"', '""')}"`).get() as { n: number })
        .n;
    return Object.fromEntries(tables.map(({ name }) => [name, count(name)]));
  } finally {
    database.close();
  }
}
