import type { Span } from "../tracing/span.ts";
import type { Pending } from "./outbox.ts";
import type { BatchWork, Outcome, SqlTx } from "./sql.types.ts";

export type EntityOf<I> = (item: I) => string;

/** One waiting call. Jobs of one `kind` are worked in one go; without a kind a job is worked by itself. */
export interface Job {
  readonly kind: string | undefined;
  readonly work: BatchWork<unknown, unknown>;
  readonly item: unknown;
  /** The id of what an item changes, to tell whose call an event of a batch comes from. */
  readonly entityOf: EntityOf<unknown> | undefined;
  readonly span: Span | undefined;
  settle(outcome: Outcome<unknown>): void;
}

/** Jobs of one kind together, in the order in which the kinds came. */
export function grouped(jobs: readonly Job[]): Job[][] {
  const groups: Job[][] = [];
  const byKind = new Map<string, Job[]>();
  for (const job of jobs) {
    const same = job.kind === undefined ? undefined : byKind.get(job.kind);
    if (same !== undefined) same.push(job);
    else {
      const group = [job];
      groups.push(group);
      if (job.kind !== undefined) byKind.set(job.kind, group);
    }
  }
  return groups;
}

/** Works a group; one outcome for each of its jobs, or the work is wrong. */
export async function outcomes(tx: SqlTx, group: readonly Job[]): Promise<Outcome<unknown>[]> {
  const { work, kind } = group[0] as Job;
  const results = await work(
    tx,
    group.map(({ item }) => item),
  );
  if (results.length !== group.length)
    throw new Error(`batch "${kind}" answered ${results.length} of ${group.length}`);
  return results;
}

/** Notes for every event of a scope which call it comes from. */
export function attribute(group: readonly Job[], pending: readonly Pending[]): readonly Pending[] {
  if (pending.length === 0 || group.every(({ span }) => span === undefined)) return pending;
  const first = group[0] as Job;
  const byEntity =
    group.length === 1 ? undefined : new Map(group.map((job) => [job.entityOf?.(job.item), job.span]));
  for (const one of pending) {
    const entity = one.kind === "event" ? one.entity : one.entry.entityId;
    const span = byEntity === undefined ? first.span : byEntity.get(entity);
    if (span !== undefined) one.trace = span.traceparent;
  }
  return pending;
}
