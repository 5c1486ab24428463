import pg from "pg";
import type { Row } from "./sql.types.ts";

/** What the server answered. */
export interface Answer {
  readonly rows: Row[];
  /** Rows that a write changed, or that a question brought. */
  readonly count: number;
  /** As the server calls what it did, such as `COMMIT`. */
  readonly command: string;
}

interface Field {
  name: string;
  dataTypeID: number;
}
type Callback = (error: Error | undefined, answer?: Answer) => void;
type Parse = (value: string) => unknown;

const BOOL = 16;
const INT8 = 20;
const NUMERIC = 1700;

/** Same values as SQLite's: whole numbers as numbers, booleans as 0 and 1. */
function parserOf(oid: number): Parse {
  if (oid === INT8 || oid === NUMERIC) return Number;
  if (oid === BOOL) return (value) => (value === "t" ? 1 : 0);
  return pg.types.getTypeParser(oid, "text") as Parse;
}

/**
 * One statement on its way. node-postgres' own `Query` copies its options by property descriptors and describes each answer
 * anew with spread objects: an eighth of what a transaction costs the client. https://node-postgres.com/apis/client#clientquery
 */
class Statement extends pg.Query {
  declare name: string | undefined;
  declare values: readonly unknown[] | undefined;
  /** The client puts its own in between, which ends the time that it gives the statement (`query_timeout`). */
  callback: Callback;
  readonly #rows: Row[] = [];
  #fields: readonly Field[] = [];
  #parsers: readonly Parse[] = [];
  #command = "";
  #count = 0;
  #failure: Error | undefined;

  constructor(text: string, callback: Callback) {
    super(text);
    this.callback = callback;
  }

  handleRowDescription({ fields }: { fields: readonly Field[] }): void {
    this.#fields = fields;
    this.#parsers = fields.map(({ dataTypeID }) => parserOf(dataTypeID));
  }
  handleDataRow({ fields: values }: { fields: readonly (string | null)[] }): void {
    if (this.#failure !== undefined) return;
    try {
      this.#rows.push(this.#rowOf(values));
    } catch (error) {
      this.#failure = error as Error;
    }
  }
  handleCommandComplete({ text }: { text: string }): void {
    // `INSERT 0 5`, `UPDATE 3`, `COMMIT`: https://www.postgresql.org/docs/current/protocol-message-formats.html
    const words = text.split(" ");
    this.#command = words[0] ?? "";
    this.#count = Number(words.at(-1)) || 0;
  }
  handleReadyForQuery(): void {
    this.callback(this.#failure, { rows: this.#rows, count: this.#count, command: this.#command });
  }
  handleError(error: Error): void {
    this.callback(error);
  }

  #rowOf(values: readonly (string | null)[]): Row {
    const row: Row = {};
    for (let i = 0; i < this.#fields.length; i++) {
      const value = values[i] ?? null;
      const { name } = this.#fields[i] as Field;
      row[name] = (value === null ? null : (this.#parsers[i] as Parse)(value)) as Row[string];
    }
    return row;
  }
}

/** Sends one statement; with a name it is prepared once for each connection. */
export const send = (
  client: pg.Client,
  text: string,
  prepared?: { name: string; values: readonly unknown[] },
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const statement = new Statement(text, (error, answer) => {
      if (error === undefined) resolve(answer as Answer);
      else reject(error);
    });
    statement.name = prepared?.name;
    statement.values = prepared?.values;
    client.query(statement);
  });
