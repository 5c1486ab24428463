import type { Meta } from "../contract/meta.ts";
import { refuse } from "../contract/errors.ts";
import { sql } from "./sql.ts";
import type { SqlTx } from "./sql.types.ts";

export { callerOf, fingerprintOf, fingerprintOf as fingerprint } from "./fingerprint.ts";

/** How long an answer is given again. */
export const KEY_KEPT_MS = 24 * 3600 * 1000;

interface Stored {
  fingerprint: string;
  status: number | null;
  answer: string;
  at: number;
}

/** 422: the same key came with another request. */
export const keyReused = (): Error =>
  refuse(422, "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used for another request.");

export interface Keyed {
  caller: string;
  key: string;
  fingerprint: string;
}

/** Answers a repeated key with what was stored, else runs `work` and stores its answer in the same transaction. */
export async function once<R>(
  tx: SqlTx,
  { caller, key, fingerprint: print }: Keyed,
  meta: Meta,
  now: number,
  work: (tx: SqlTx) => Promise<R>,
): Promise<R> {
  const stored = await tx.get<Stored>(
    sql`select fingerprint, status, answer, at from idempotency where caller = ${caller} and key = ${key}${tx.forUpdate}`,
  );
  if (stored !== undefined && stored.at > now - KEY_KEPT_MS) {
    if (stored.fingerprint !== print) throw keyReused();
    meta.replayed = true;
    if (stored.status !== null) meta.status = stored.status;
    return JSON.parse(stored.answer) as R;
  }
  if (stored !== undefined)
    await tx.run(sql`delete from idempotency where caller = ${caller} and key = ${key}`);
  const result = await work(tx);
  await tx.run(sql`insert into idempotency (caller, key, fingerprint, status, answer, at)
    values (${caller}, ${key}, ${print}, ${meta.status}, ${JSON.stringify(result ?? null)}, ${now})`);
  return result;
}

/** Forgets answers older than a day. */
export const sweepKeys = (now: number) => sql`delete from idempotency where at <= ${now - KEY_KEPT_MS}`;
