import pg from "pg";
import {
  asText,
  Statement,
  type Answer,
  type Column,
  type Field,
  type Prepared,
  type Values,
} from "./postgres-answer.ts";

/** What this file needs of node-postgres' connection, which its types do not tell. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void; destroy(error: Error): void };
  readonly parsedStatements: Record<string, string>;
  readonly submittedNamedStatements: Record<string, string>;
  parse(of: { name: string; text: string }): void;
  bind(of: { statement: string; values: Prepared["values"]; valueMapper: typeof asText }): void;
  describe(of: { type: "P" }): void;
  execute(): void;
  sync(): void;
}

const committed: Answer = { rows: [], count: 0, command: "COMMIT" };

/**
 * Statements of one turn on their way together, with one `Sync` behind the last: the server answers them in one packet instead
 * of one each, and after an error leaves out the rest. Without a transaction around them they would be one of their own.
 * node-postgres' own `Query` sends one statement, and copies its options by property descriptors.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
class Flight extends pg.Query {
  /** Of the statement that is being answered: the client notes under it that it was prepared. */
  declare name: string | undefined;
  declare text: string | undefined;
  /** The client puts its own in between, which ends the time that it gives the flight (`query_timeout`). */
  callback: (error?: Error) => void = () => undefined;
  readonly #statements: Statement[] = [];
  /** What statements of this connection bring, by name; so each is described once. */
  readonly #columnsOf: Map<string, readonly Column[]>;
  /** Of a transaction that is whole in here. */
  #commit: PromiseWithResolvers<Answer> | undefined;
  #answered = 0;

  constructor(columnsOf: Map<string, readonly Column[]>) {
    super("");
    this.#columnsOf = columnsOf;
  }

  add(prepared: Prepared): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#statements.push(new Statement(prepared, resolve, reject));
    });
  }

  /** Undefined: the transaction's begin is not in here. */
  commit(): Promise<Answer> | undefined {
    const [begin] = this.#statements;
    if (begin?.prepared.text !== "begin") return undefined;
    this.#statements.shift();
    begin.settle();
    this.#commit = Promise.withResolvers();
    return this.#commit.promise;
  }

  override submit = (connection: unknown): void => {
    const wire = connection as Wire;
    wire.stream.cork();
    try {
      for (const statement of this.#statements) this.#write(wire, statement);
      wire.sync();
      this.#turnTo(0);
    } catch (error) {
      // Half a message may be out already.
      wire.stream.destroy(error as Error);
    } finally {
      wire.stream.uncork();
    }
  };

  #write(wire: Wire, statement: Statement): void {
    const { name, text, values } = statement.prepared;
    if (wire.parsedStatements[name] === undefined && wire.submittedNamedStatements[name] === undefined) {
      wire.parse({ name, text });
      wire.submittedNamedStatements[name] = text;
    }
    wire.bind({ statement: name, values, valueMapper: asText });
    statement.columns = this.#columnsOf.get(name);
    if (statement.columns === undefined) wire.describe({ type: "P" });
    wire.execute();
  }

  get #current(): Statement | undefined {
    return this.#statements[this.#answered];
  }
  #turnTo(next: number): void {
    this.#answered = next;
    this.name = this.#current?.prepared.name;
    this.text = this.#current?.prepared.text;
  }

  handleRowDescription({ fields }: { fields: readonly Field[] }): void {
    (this.#current as Statement).describe(fields);
  }
  handleDataRow({ fields: values }: { fields: Values }): void {
    const current = this.#current as Statement;
    try {
      if (current.failure === undefined) current.take(values);
    } catch (error) {
      current.failure = error as Error;
    }
  }
  handleCommandComplete({ text }: { text: string }): void {
    const current = this.#current as Statement;
    // `INSERT 0 5`, `UPDATE 3`, `COMMIT`: https://www.postgresql.org/docs/current/protocol-message-formats.html
    const words = text.split(" ");
    current.command = words[0] ?? "";
    current.count = Number(words.at(-1)) || 0;
    // The same `fetch` brings other columns from another cursor.
    if (current.command !== "FETCH") this.#columnsOf.set(current.prepared.name, current.columns ?? []);
    this.#turnTo(this.#answered + 1);
  }
  handleReadyForQuery(): void {
    for (const statement of this.#statements) statement.settle();
    this.#commit?.resolve(committed);
    this.callback();
  }
  /**
   * The server's, or the end of the connection. What was answered before is told so: whether it stands, the commit of the
   * transaction around it says, which fails here when it is whole in this flight.
   */
  handleError(error: Error, connection: unknown): void {
    const { submittedNamedStatements: sent } = connection as Wire;
    this.#statements.forEach((statement, i) => {
      if (i < this.#answered) return statement.settle();
      Reflect.deleteProperty(sent, statement.prepared.name);
      statement.reject(error);
    });
    this.#commit?.reject(error);
    this.callback(error);
  }
}

const waiting = new WeakMap<pg.Client, Flight>();
const described = new WeakMap<pg.Client, Map<string, readonly Column[]>>();

function columnsOf(client: pg.Client): Map<string, readonly Column[]> {
  const known = described.get(client) ?? new Map<string, readonly Column[]>();
  described.set(client, known);
  return known;
}

/**
 * Commits a transaction of which nothing was sent yet, without its begin and a commit: a packet is a transaction by itself.
 * Savepoints need both; what is written behind one was sent already. Undefined: something was sent.
 */
export const commitWhole = (client: pg.Client): Promise<Answer> | undefined => waiting.get(client)?.commit();

/** Sends a statement together with all that this turn has for the connection. */
export function send(client: pg.Client, prepared: Prepared): Promise<Answer> {
  let flight = waiting.get(client);
  if (flight === undefined) {
    const fresh = (flight = new Flight(columnsOf(client)));
    waiting.set(client, fresh);
    process.nextTick(() => {
      waiting.delete(client);
      client.query(fresh);
    });
  }
  return flight.add(prepared);
}
