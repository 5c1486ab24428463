import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { SpanRecord } from "../../tracing/record.ts";

/** Traces that this node keeps; the oldest go first. */
const most = 2000;
const trimEvery = 100;

export interface TraceRow {
  trace_id: string;
  request_id: string;
  at: number;
  name: string;
  status: number | null;
  duration: number;
  reason: string;
  error: string | null;
}

interface Statements {
  trace: StatementSync;
  span: StatementSync;
}

const schema = `
  pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -512;
  create table if not exists traces (trace_id text not null, request_id text not null, at real not null, name text not null,
    status integer, duration real not null, reason text not null, error text, primary key (trace_id, request_id)) without rowid;
  create index if not exists traces_of_request on traces (request_id);
  create index if not exists traces_at on traces (at);
  create table if not exists spans (trace_id text not null, id text not null, at real not null, span text not null,
    primary key (trace_id, id)) without rowid;
  create index if not exists spans_at on spans (at);`;

/** A trace is told by its request, else by the span that nothing in the store asked for. */
const isHead = ({ kind, parentId }: SpanRecord): boolean => kind === "request" || parentId === null;

/**
 * The kept traces of one node: a bounded table in the data folder, or in memory where there is none. Nothing here is of
 * record, so no write waits for the disk; the file is opened with the first trace.
 */
export class KeptTraces {
  readonly #file: string;
  #database: DatabaseSync | undefined;
  #statements: Statements | undefined;
  #sinceTrim = 0;

  constructor(dataDir: string) {
    this.#file = existsSync(dataDir) ? join(dataDir, "traces.sqlite") : ":memory:";
  }

  keep(spans: readonly SpanRecord[]): void {
    const database = this.#open();
    const { trace, span } = this.#statements as Statements;
    database.exec("begin immediate");
    try {
      for (const one of spans) {
        span.run(one.traceId, one.id, one.start, JSON.stringify(one));
        if (!isHead(one)) continue;
        const status = one.tags["http.response.status_code"];
        trace.run(
          one.traceId,
          one.requestId,
          one.start,
          one.name,
          typeof status === "number" ? status : null,
          one.duration,
          one.reason,
          one.error,
        );
      }
      database.exec("commit");
    } catch (error) {
      database.exec("rollback");
      throw error;
    }
    this.#sinceTrim += spans.length;
    if (this.#sinceTrim >= trimEvery) this.#trim(database);
  }

  /** The trace of a request, or the one with this id. */
  find(id: string): { row: TraceRow | undefined; spans: SpanRecord[] } {
    const database = this.#open();
    const row = database
      .prepare("select * from traces where request_id = ? or trace_id = ? order by at limit 1")
      .get(id, id) as unknown as TraceRow | undefined;
    const rows = database
      .prepare("select span from spans where trace_id = ? order by at limit 1000")
      .all(row?.trace_id ?? id) as { span: string }[];
    return { row, spans: rows.map(({ span }) => JSON.parse(span) as SpanRecord) };
  }

  /** The newest that are older than `before` (milliseconds). */
  list(before: number, reason: string | undefined, limit: number): TraceRow[] {
    return this.#open()
      .prepare("select * from traces where at < ? and (? is null or reason = ?) order by at desc limit ?")
      .all(before, reason ?? null, reason ?? null, limit) as unknown as TraceRow[];
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #open(): DatabaseSync {
    if (this.#database !== undefined) return this.#database;
    const database = new DatabaseSync(this.#file, { timeout: 500 });
    database.exec(schema);
    this.#statements = {
      trace: database.prepare("insert or replace into traces values (?, ?, ?, ?, ?, ?, ?, ?)"),
      span: database.prepare("insert or replace into spans values (?, ?, ?, ?)"),
    };
    return (this.#database = database);
  }

  #trim(database: DatabaseSync): void {
    this.#sinceTrim = 0;
    const last = database.prepare("select at from traces order by at desc limit 1 offset ?").get(most) as
      { at: number } | undefined;
    if (last === undefined) return;
    database.prepare("delete from traces where at <= ?").run(last.at);
    database.prepare("delete from spans where at <= ?").run(last.at);
  }
}
