import type { HistoryEntry } from "../history.ts";
import type { Databases, Reader } from "./databases.ts";

export interface Sources {
  databases: Databases;
  /** What clients were told; undefined without `--history`. */
  history: readonly HistoryEntry[] | undefined;
  /** Milliseconds since 1970. */
  now: number;
  /** The store runs, so queues may still be at work. */
  running: boolean;
}

export interface Result {
  /** What was looked at, in words with numbers. */
  counted: string;
  violations: string[];
}

/** One invariant of the design (section 4). `undefined`: it cannot be checked from what is there. */
export interface Check {
  id: string;
  title: string;
  run(sources: Sources): Promise<Result | undefined>;
}

/** Rows of an actor; none when the actor has no database here. */
export const rowsOf = async <R>({ databases }: Sources, actor: string, sql: string): Promise<R[]> =>
  (await databases.of(actor)?.all<R>(sql)) ?? [];

/** Violations that a query finds, one per row. */
export async function found<R>(
  reader: Reader | undefined,
  sql: string,
  say: (row: R) => string,
): Promise<string[]> {
  return ((await reader?.all<R>(sql)) ?? []).map(say);
}

export const count = async (sources: Sources, actor: string, from: string): Promise<number> =>
  (await rowsOf<{ n: number }>(sources, actor, `select count(*) as n from ${from}`))[0]?.n ?? 0;
