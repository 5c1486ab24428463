import type { Context } from "moleculer";
import type { Static } from "typebox";
import type { actorActions, Delivery } from "../contract/actor-actions.ts";
import { notFound } from "../contract/errors.ts";
import { waiting, type Receipt } from "./document-relay.ts";
import type { DocumentAdapter, Kept, PendingEvent } from "./document-types.ts";

type Parked = Static<(typeof actorActions)["parked"]["returns"]>;
type Jobs = Static<(typeof actorActions)["jobs"]["returns"]>;

/** Takes one durable event; may run twice for one, so it writes with `{ key: event.id }` as the once of its change. */
export type Receiver<Self> = (this: Self, event: Delivery) => Promise<void>;

export interface QueueOwner {
  adapters: ReadonlyMap<string, DocumentAdapter>;
  now(): number;
  /** Delivers what a resend made due. */
  wake(collection: string): void;
}

const parkedIn = async ({ adapters }: QueueOwner): Promise<{ collection: string; document: Kept }[]> => {
  const found = [...adapters].map(async ([collection, adapter]) => {
    const documents = await adapter.find({ query: { _parked: true } });
    return documents.map((document) => ({ collection, document }));
  });
  return (await Promise.all(found)).flat();
};

const isParked = (event: PendingEvent): boolean => event.parked === true;

/** Every parked event, once for each subscriber that has not taken it. */
export async function listParked(owner: QueueOwner): Promise<Parked> {
  const data = (await parkedIn(owner)).flatMap(({ document }) =>
    (document._events ?? []).filter(isParked).flatMap(({ id, type, to, attempts, error = null, at }) =>
      to.map((subscriber) => ({
        id: `${id}.${subscriber}`,
        event: type,
        subscriber,
        entity: document._id,
        attempts,
        error,
        at,
      })),
    ),
  );
  return { data };
}

/** Makes a parked event due again; `id` is one that `listParked` gave. */
export async function resendParked(owner: QueueOwner, id: string): Promise<{ resent: boolean }> {
  const event = id.slice(0, id.lastIndexOf("."));
  const at = (await parkedIn(owner)).find(({ document }) =>
    document._events?.some((e) => e.id === event && isParked(e)),
  );
  if (!at) throw notFound("parkedMessage");
  const { _id, version, _events = [] } = at.document;
  const again = _events.map((e) => {
    if (e.id !== event) return e;
    const { parked: _, ...rest } = e;
    return { ...rest, attempts: 0, due: owner.now() };
  });
  const resent = await owner.adapters.get(at.collection)?.change({ _id, version }, waiting(again));
  owner.wake(at.collection);
  return { resent: resent === true };
}

/** Documents that are looked into; when more wait, each counts as one event. */
const LOOKED_INTO = 1000;

async function waitingIn(adapter: DocumentAdapter): Promise<{ documents: Kept[]; more: number }> {
  const due = { _due: { $gte: 0 } };
  const some = await adapter.find({ query: due, limit: LOOKED_INTO });
  const parked = await adapter.find({ query: { _parked: true } });
  const more = some.length < LOOKED_INTO ? 0 : (await adapter.count({ query: due })) - LOOKED_INTO;
  const documents = new Map([...some, ...parked].map((document) => [document._id, document]));
  return { documents: [...documents.values()], more };
}

/** How much waits, and for how long. */
export async function countJobs({ adapters, now }: QueueOwner): Promise<Jobs> {
  const found = await Promise.all([...adapters.values()].map(waitingIn));
  const events = found.flatMap(({ documents }) => documents.flatMap((document) => document._events ?? []));
  const pending = events.filter((event) => !isParked(event));
  const oldest = Math.min(now(), ...pending.map(({ at }) => Date.parse(at)));
  return {
    queued: 0,
    pending: found.reduce((sum, { more }) => sum + more, pending.length),
    parked: events.length - pending.length,
    oldestSeconds: (now() - oldest) / 1000,
  };
}

/** Runs the actor's receivers one by one; after a failure the same entity's later events wait for its next try. */
export async function receiveEvents<Self>(
  self: Self,
  receivers: Readonly<Record<string, Receiver<Self>>>,
  ctx: Context<{ from: string; events: Delivery[] }>,
): Promise<Receipt> {
  const receipt: Receipt = { done: [], failed: [] };
  const stuck = new Set<string>();
  for (const event of ctx.params.events) {
    if (stuck.has(event.entity)) continue;
    try {
      const receiver = receivers[event.type];
      if (!receiver) throw new Error(`no receiver of ${event.type}`);
      await receiver.call(self, event);
      receipt.done.push(event.id);
    } catch (error) {
      stuck.add(event.entity);
      receipt.failed.push({ id: event.id, message: (error as Error).message });
    }
  }
  return receipt;
}
