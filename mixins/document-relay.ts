import type { Delivery } from "../contract/actor-actions.ts";
import type { DocumentAdapter, Kept, PendingEvent } from "./document-types.ts";

/** Documents looked at in one round, and events in one call. */
const DOCUMENTS = 200;
const EVENTS = 200;
/** Tries before an event is parked: about a day with the waits below. */
const TRIES = 20;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 2 * 3_600_000;
/** Other nodes leave a due event to the node that wrote it for this long. */
const OTHERS_WAIT_MS = 5000;

export interface Receipt {
  done: string[];
  failed: { id: string; message: string }[];
}

export interface RelayParts {
  readonly adapter: DocumentAdapter;
  now(): number;
  /** Calls `<subscriber>.receive`. */
  deliver(subscriber: string, events: Delivery[]): Promise<Receipt>;
  failed(error: Error): void;
}

/** What a round learned: per subscriber the ids that took effect, and messages of those that did not. */
interface Round {
  done: Map<string, Set<string>>;
  errors: Map<string, string>;
}

/** Delivers the events that wait inside the documents of one collection, in the order of each document's changes. */
export class DocumentRelay {
  readonly #parts: RelayParts;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  /** Delivers what is due; `own` after a write of this node. Never rejects. */
  wake(own: boolean): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#again ||= own;
    this.#running ??= this.#drain(own).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Ends after the round under way; what is left is delivered after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #drain(own: boolean): Promise<void> {
    try {
      do {
        this.#again = false;
        const latest = this.#parts.now() - (own || this.#parts.adapter.exclusive ? 0 : OTHERS_WAIT_MS);
        const found = await this.#parts.adapter.find({ query: { _due: { $lte: latest } }, limit: DOCUMENTS });
        if (found.length > 0) await this.#round(found);
        if (found.length === DOCUMENTS) this.#again = true;
      } while (this.#again && !this.#stopped);
    } catch (error) {
      this.#parts.failed(error as Error);
    }
  }

  async #round(documents: readonly Kept[]): Promise<void> {
    const round: Round = { done: new Map(), errors: new Map() };
    const subscribers = new Set(documents.flatMap((d) => (d._events ?? []).flatMap(({ to }) => to)));
    await Promise.all([...subscribers].map((subscriber) => this.#deliver(subscriber, documents, round)));
    await Promise.all(documents.map((document) => this.#settle(document, round)));
  }

  async #deliver(subscriber: string, documents: readonly Kept[], round: Round): Promise<void> {
    const done = new Set<string>();
    round.done.set(subscriber, done);
    const events = documents.flatMap((document) => this.#deliverable(document, subscriber));
    for (let start = 0; start < events.length; start += EVENTS) {
      const some = events.slice(start, start + EVENTS);
      try {
        const receipt = await this.#parts.deliver(subscriber, some);
        receipt.done.forEach((id) => done.add(id));
        receipt.failed.forEach(({ id, message }) => round.errors.set(id, `${subscriber}: ${message}`));
      } catch (error) {
        some.forEach(({ id }) => round.errors.set(id, `${subscriber}: ${(error as Error).message}`));
        return;
      }
    }
  }

  /** A document's events for one subscriber up to the first that is parked or not due: what follows it must wait. */
  #deliverable(document: Kept, subscriber: string): Delivery[] {
    const events = (document._events ?? []).filter(({ to }) => to.includes(subscriber));
    const stop = events.findIndex(({ parked, due }) => parked === true || due > this.#parts.now());
    return (stop < 0 ? events : events.slice(0, stop)).map(({ id, type, version, at, payload }) => ({
      id,
      type,
      entity: document._id,
      version,
      at,
      payload,
    }));
  }

  /** Removes what is delivered; what a crash leaves here is delivered again, and known by its id there. */
  async #settle(document: Kept, round: Round): Promise<void> {
    const left = (document._events ?? []).flatMap((event) => this.#after(event, round));
    const changed = await this.#parts.adapter.change(
      { _id: document._id, version: document.version },
      waiting(left),
    );
    // The document was changed meanwhile, and has another event behind these.
    if (!changed) this.#again = true;
  }

  #after(event: PendingEvent, { done, errors }: Round): PendingEvent[] {
    const to = event.to.filter((subscriber) => done.get(subscriber)?.has(event.id) !== true);
    if (to.length === 0) return [];
    const error = errors.get(event.id);
    if (error === undefined) return [{ ...event, to }];
    const attempts = event.attempts + 1;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** event.attempts, LONGEST_WAIT_MS);
    return [
      {
        ...event,
        to,
        attempts,
        error,
        due: this.#parts.now() + wait,
        ...(attempts >= TRIES && { parked: true }),
      },
    ];
  }
}

/** Earliest time at which a subscriber may get its next event; undefined when all that wait stand behind parked ones. */
function nextDue(events: readonly PendingEvent[]): number | undefined {
  const heads = new Map<string, PendingEvent>();
  for (const event of events) for (const to of event.to) if (!heads.has(to)) heads.set(to, event);
  const due = [...heads.values()].filter(({ parked }) => parked !== true).map((event) => event.due);
  return due.length > 0 ? Math.min(...due) : undefined;
}

/** The update that leaves `events` waiting in a document. */
export function waiting(events: readonly PendingEvent[]): Record<string, object> {
  const due = nextDue(events);
  const set: Record<string, unknown> = {
    ...(events.length > 0 && { _events: events }),
    ...(due !== undefined && { _due: due }),
    ...(events.some(({ parked }) => parked === true) && { _parked: true }),
  };
  const gone = ["_events", "_due", "_parked"].filter((field) => !(field in set));
  return {
    ...(Object.keys(set).length > 0 && { $set: set }),
    ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map((field) => [field, true])) }),
  };
}
