import { setTimeout as delay } from "node:timers/promises";
import { isType, refuse } from "../../contract/errors.ts";
import type { Ctx } from "../../contract/implement.ts";
import { raw, sql } from "../../mixins/sql.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { OrdersActor } from "./orders.actor.ts";
import { keyReused } from "../../mixins/idempotency.ts";
import { inBatches } from "../../mixins/sweep-events.ts";
import { inFlight, isRefusal } from "./orders.errors.ts";
import { answers as answersTable, keys } from "./orders.tables.ts";

/** Who asks, and by which key; `fingerprint` stands for the body. */
export interface RequestKey {
  caller: string;
  key: string;
  fingerprint: string;
}

/** What a key was answered with: a result below 400, else a refusal. */
export interface Answer {
  status: number;
  body: unknown;
}

interface KeyRow {
  fingerprint: string;
  status: number | null;
  body: string | null;
}

interface Refusal {
  code: string;
  message: string;
  data?: Record<string, unknown>;
}

/** How long a key is kept at least, and how long a second request waits for the first; milliseconds. */
const validFor = 24 * 3_600_000;
const waitFor = 10_000;
const pollEvery = 50;

const findKey = (actor: OrdersActor, { caller, key }: RequestKey): Promise<KeyRow | undefined> =>
  actor.store.read.get<KeyRow>(
    sql`select k.fingerprint, coalesce(a.status, k.status) as status, coalesce(a.body, k.body) as body
      from keys k left join answers a on a.caller = k.caller and a.key = k.key
      where k.caller = ${caller} and k.key = ${key}`,
  );

/** The refusal as it is kept; its request id stays that of the first request, so that every answer is equal. */
export function refusalAnswer(error: unknown, requestId?: string): Answer {
  const { code, type, message, data } = error as {
    code: number;
    type: string;
    message: string;
    data?: object;
  };
  return {
    status: code,
    body: {
      code: type,
      message,
      data: { ...data, ...(requestId === undefined ? {} : { firstRequestId: requestId }) },
    } satisfies Refusal,
  };
}

/** The result of an answer, or its refusal thrown again. */
export function unwrap<R>(answer: Answer): R {
  if (answer.status < 400) return answer.body as R;
  const { code, message, data } = answer.body as Refusal;
  throw refuse(answer.status, code, message, data);
}

/** Waits for the answer of a request that runs on this node or another. @throws 409 `IN_FLIGHT` after 10 s. */
async function waitForAnswer(actor: OrdersActor, request: RequestKey): Promise<Answer> {
  const deadline = performance.now() + waitFor;
  for (;;) {
    const row = await findKey(actor, request);
    if (row && row.fingerprint !== request.fingerprint) throw keyReused();
    if (row?.status != null) return { status: row.status, body: JSON.parse(row.body ?? "null") as unknown };
    if (performance.now() > deadline) throw inFlight();
    await delay(pollEvery);
  }
}

const timeUp = async (): Promise<never> => {
  await delay(waitFor, undefined, { ref: false });
  throw inFlight();
};

/** Failed before anything was claimed: a key that was claimed before needs no more. @throws the failure itself for a new key */
export async function answerOfKnown(
  actor: OrdersActor,
  ctx: Ctx,
  request: RequestKey,
  error: unknown,
): Promise<Answer> {
  if (!(await findKey(actor, request))) throw error;
  return answerOfOther(actor, ctx, request);
}

/**
 * Refused, perhaps by what this very key did on another node a moment ago (the cart is closed, the order is cancelled):
 * then that answer counts. A refusal that was kept here is the answer itself.
 */
async function unlessClaimed(
  actor: OrdersActor,
  ctx: Ctx,
  request: RequestKey,
  error: unknown,
): Promise<Answer> {
  const keptFor = (error as Partial<Refusal>).data?.["firstRequestId"];
  const own = keptFor !== undefined && keptFor === ctx.requestID;
  if (!isRefusal(error) || own) throw error;
  return answerOfKnown(actor, ctx, request, error);
}

/**
 * Waits for a request with the same key that runs on this node, else runs `first`: it claims the key with its first write,
 * answers a key that was claimed before by `answerOfOther`, and stores the answer with its last write. Nothing is asked before
 * that, for nearly every key is new. A key with another body is refused; a failure of ours is never kept.
 */
export async function answerOnce(
  actor: OrdersActor,
  ctx: Ctx,
  request: RequestKey,
  first: () => Promise<Answer>,
): Promise<Answer> {
  const mine = `${request.caller}\n${request.key}`;
  const running = actor.requests.get(mine);
  if (running) {
    if (running.fingerprint !== request.fingerprint) throw keyReused();
    ctx.meta.replayed = true;
    return Promise.race([running.answer, timeUp()]);
  }
  const answer = first().catch((error: unknown) => unlessClaimed(actor, ctx, request, error));
  actor.requests.set(mine, { fingerprint: request.fingerprint, answer });
  try {
    return await answer;
  } finally {
    actor.requests.delete(mine);
  }
}

/** The key was claimed before: the first answer, when there is one. */
export const answerOfOther = (actor: OrdersActor, ctx: Ctx, request: RequestKey): Promise<Answer> => {
  ctx.meta.replayed = true;
  return waitForAnswer(actor, request);
};

/**
 * The process failed here half way, or was taken over: whoever resumes it stores the answer, so wait for that one.
 * @throws the failure itself when nobody answers in time.
 */
export async function answerOfResumed(
  actor: OrdersActor,
  request: RequestKey,
  error: unknown,
): Promise<Answer> {
  try {
    return await waitForAnswer(actor, request);
  } catch {
    throw isType(error, "SAGA_FENCED") ? inFlight() : error;
  }
}

/** Whether a request with this key began before. */
export const isClaimed = async (tx: SqlTx, { caller, key }: RequestKey): Promise<boolean> =>
  (await tx.get(sql`select key from keys where caller = ${caller} and key = ${key}`)) !== undefined;

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Claims keys in the transaction of the change that they stand for. */
export async function claimKeys(
  actor: OrdersActor,
  tx: SqlTx,
  claims: readonly (RequestKey & { orderId: string })[],
): Promise<void> {
  if (claims.length === 0) return;
  const at = actor.clock.now();
  // In one order on every node: an insert waits for an equal key of another's, and crossing ones would wait for each other.
  const inOrder = claims.toSorted((a, b) => compare(a.caller, b.caller) || compare(a.key, b.key));
  const rows = inOrder.map(({ caller, key, fingerprint, orderId }) => ({
    caller,
    key,
    fingerprint,
    order_id: orderId,
    at,
  }));
  await tx.insert("keys", keys, rows);
}

/** Stores answers in the transaction of the change that they tell of. */
export async function storeAnswers(
  tx: SqlTx,
  answers: readonly (Pick<RequestKey, "caller" | "key"> & Answer)[],
): Promise<void> {
  if (answers.length === 0) return;
  const rows = answers.map(({ caller, key, status, body }) => ({
    caller,
    key,
    status,
    body: JSON.stringify(body),
  }));
  await tx.insert("answers", answersTable, rows);
}

/** Forgets keys that are older than a day, with their answers; one without an answer stays. */
export const sweepKeys = (actor: OrdersActor): Promise<void> =>
  inBatches((limit) =>
    actor.store.write(async (tx) => {
      const old = await tx.all<{ caller: string; key: string }>(sql`
        select k.caller, k.key from keys k left join answers a on a.caller = k.caller and a.key = k.key
        where k.at <= ${actor.clock.now() - validFor} and coalesce(a.status, k.status) is not null
        order by k.at limit ${limit}`);
      const gone = tx.rows({ caller: "text", key: "text" }, old);
      for (const table of ["answers", "keys"])
        await tx.run(
          sql`delete from ${raw(table)} where (caller, key) in (select caller, key from (${gone}) as d)`,
        );
      return old.length;
    }),
  );
