import type { DatabaseSync, StatementSync } from "node:sqlite";
import { bitsFor, setBit, type Bits } from "./search.bits.ts";

export interface Texts {
  name: string;
  categories: string;
  description: string;
}
/** `stem`: running finds run. `prefix`: umb finds umbrella. */
export type Match = "stem" | "prefix";
/** Where words are looked for; left out: everywhere. */
export type Field = "name" | "categories";

/** Bytes of looked-up words that are kept until a text changes. */
const KEPT = 8_000_000;
const options = "content='', contentless_delete=1, detail=column";

/**
 * The full-text index: FTS5 answers which rows have a word, ranking is done outside, because reading only row numbers is
 * ten times faster than its bm25. Two tables, because a prefix of a word (`runnin`) is no prefix of its stem (`run`).
 */
export class TextIndex {
  readonly #tables: Record<Match, { put: StatementSync; remove: StatementSync; find: StatementSync }>;
  readonly #kept = new Map<string, Bits>();

  constructor(db: DatabaseSync) {
    db.exec(`create virtual table stem using fts5(name, categories, description, ${options},
        tokenize = 'porter unicode61 remove_diacritics 2');
      create virtual table prefix using fts5(name, categories, description, ${options},
        tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3')`);
    const table = (name: Match) => ({
      put: db.prepare(
        `insert or replace into ${name} (rowid, name, categories, description) values (?, ?, ?, ?)`,
      ),
      remove: db.prepare(`delete from ${name} where rowid = ?`),
      find: db.prepare(`select group_concat(rowid) as rows from ${name} where ${name} match ?`),
    });
    this.#tables = { stem: table("stem"), prefix: table("prefix") };
  }

  put(row: number, { name, categories, description }: Texts): void {
    for (const table of [this.#tables.stem, this.#tables.prefix])
      table.put.run(row, name, categories, description);
    this.#kept.clear();
  }

  remove(row: number): void {
    for (const table of [this.#tables.stem, this.#tables.prefix]) table.remove.run(row);
    this.#kept.clear();
  }

  /** The rows that have one of the words; not to be changed by the caller. `rows` is how many there are at all. */
  find(words: readonly string[], match: Match, field: Field | undefined, rows: number): Bits {
    const terms = words.map((word) => `"${word}"${match === "prefix" ? "*" : ""}`).join(" OR ");
    const query = field ? `{${field}} : (${terms})` : terms;
    const key = `${match} ${query}`;
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const answer = this.#tables[match].find.get(query) as { rows: string | null };
    const bits = parseRows(answer.rows ?? "", rows);
    if (this.#kept.size * bits.byteLength >= KEPT) this.#kept.clear();
    this.#kept.set(key, bits);
    return bits;
  }
}

/** `1,5,32` as bits; one string is the cheapest way to get many numbers out of SQLite. */
function parseRows(text: string, rows: number): Bits {
  const bits = bitsFor(rows);
  let row = -1;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0) row = (row < 0 ? 0 : row) * 10 + digit;
    else {
      setBit(bits, row);
      row = -1;
    }
  }
  if (row >= 0) setBit(bits, row);
  return bits;
}
