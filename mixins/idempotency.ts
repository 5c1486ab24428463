import type { Meta } from "../contract/meta.ts";
import { refuse } from "../contract/errors.ts";
import { raw, sql, type Sql } from "./sql.ts";
import type { SqlReader, SqlTx, Table } from "./sql.types.ts";
import { isRefusal, storeError } from "./store-errors.ts";

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

const idempotency: Table = {
  caller: "text",
  key: "text",
  fingerprint: "text",
  status: "bigint",
  answer: "text",
  at: "bigint",
};

const storedRow = ({ caller, key }: Keyed, lock: Sql = raw("")): Sql =>
  sql`select fingerprint, status, answer, at from idempotency where caller = ${caller} and key = ${key}${lock}`;

/** The stored answer, when there is one that is not too old. @throws 422 `IDEMPOTENCY_KEY_REUSED` */
function replay<R>(
  stored: Stored | undefined,
  keyed: Keyed,
  meta: Meta,
  now: number,
): { answer: R } | undefined {
  if (stored === undefined || stored.at <= now - KEY_KEPT_MS) return undefined;
  if (stored.fingerprint !== keyed.fingerprint) throw keyReused();
  meta.replayed = true;
  if (stored.status !== null) meta.status = stored.status;
  return { answer: JSON.parse(stored.answer) as R };
}

/** What a key was answered before, read without a transaction. */
export const answered = async <R>(
  reader: SqlReader,
  keyed: Keyed,
  meta: Meta,
  now: number,
): Promise<{ answer: R } | undefined> => replay(await reader.get<Stored>(storedRow(keyed)), keyed, meta, now);

/** One try of a request with a key. */
export interface Try<R> {
  keyed: Keyed;
  meta: Meta;
  now: number;
  work(tx: SqlTx): Promise<R>;
}

/** The stored answer under a lock; one that is too old makes room. */
async function lookUp<R>(tx: SqlTx, { keyed, meta, now }: Try<R>): Promise<{ answer: R } | undefined> {
  const stored = await tx.get<Stored>(storedRow(keyed, tx.forUpdate));
  const before = replay<R>(stored, keyed, meta, now);
  if (stored !== undefined && before === undefined)
    await tx.tell(sql`delete from idempotency where caller = ${keyed.caller} and key = ${keyed.key}`);
  return before;
}

async function store(tx: SqlTx, { keyed, meta, now }: Try<unknown>, result: unknown): Promise<void> {
  const answer = JSON.stringify(result ?? null);
  const row = { ...keyed, status: meta.status ?? null, answer, at: now };
  await tx.insert("idempotency", idempotency, [row]);
}

/** A refusal may come from what this very key did before: then the scope is undone, and tried again with a look. */
async function workUnseen<R>(tx: SqlTx, { keyed, work }: Try<R>): Promise<R> {
  try {
    return await work(tx);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // After a failed statement nothing can be asked here any more.
    const seen = await tx.get(storedRow(keyed)).catch(() => true as const);
    if (seen === undefined) throw error;
    throw storeError("UNIQUE_VIOLATION", error);
  }
}

/**
 * Answers a repeated key with what was stored, else runs the work and stores its answer in the same transaction. A first try does
 * not look: most keys are new, and the key's own row tells when one is not, at the latest with the commit (`SqlTx.first`).
 */
export async function once<R>(tx: SqlTx, attempt: Try<R>): Promise<R> {
  const before = tx.first ? undefined : await lookUp(tx, attempt);
  if (before) return before.answer;
  const result = await (tx.first ? workUnseen(tx, attempt) : attempt.work(tx));
  await store(tx, attempt, result);
  return result;
}

/** Forgets answers older than a day. */
export const sweepKeys = (now: number) => sql`delete from idempotency where at <= ${now - KEY_KEPT_MS}`;
