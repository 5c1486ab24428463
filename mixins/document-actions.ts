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

/** How much waits, and for how long. */
export async function countJobs({ adapters, now }: QueueOwner): Promise<Jobs> {
  const waitingIn = [...adapters.values()].flatMap((adapter) => [
    adapter.find({ query: { _due: { $gte: 0 } } }),
    adapter.find({ query: { _parked: true } }),
  ]);
  const documents = new Map(
    (await Promise.all(waitingIn)).flat().map((document) => [document._id, document]),
  );
  const events = [...documents.values()].flatMap((document) => document._events ?? []);
  const pending = events.filter((event) => !isParked(event));
  const oldest = Math.min(now(), ...pending.map(({ at }) => Date.parse(at)));
  return {
    queued: 0,
    pending: pending.length,
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
