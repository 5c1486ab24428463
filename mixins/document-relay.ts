import type { Delivery } from "../contract/actor-actions.ts";
import { isOutage } from "./outage.ts";
import { reasonOf } from "./store-errors.ts";
import type { DocumentAdapter, Kept, PendingEvent } from "./document-types.ts";

/** Documents looked at in one round, and events in one call. */
const DOCUMENTS = 200;
const EVENTS = 100;
/** Documents looked at while a subscriber is away: those that wait for it must not hide the others. */
const BEHIND = 5000;
const TRIES = 12;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 60_000;
/** Longest wait for a subscriber that is away. */
const LONGEST_PAUSE_MS = 5000;
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
  /** This node wrote events, or learned something, since it last looked. */
  #again = false;
  #stopped = false;
  readonly #pauses = new Map<string, { faults: number; until: number }>();

  constructor(parts: RelayParts) {
    this.#parts = parts;
  }

  /** Delivers what is due; `own` after a write of this node. Never rejects. */
  wake(own: boolean): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#again ||= own;
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Services came or went: whoever was away may be there now. */
  retryNow(): void {
    this.#pauses.clear();
    void this.wake(false);
  }

  /** Ends after the round under way; what is left is delivered after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #drain(): Promise<void> {
    try {
      do {
        const own = this.#again || this.#parts.adapter.exclusive;
        this.#again = false;
        const query = { _due: { $lte: this.#parts.now() - (own ? 0 : OTHERS_WAIT_MS) } };
        const found = await this.#parts.adapter.find({
          query,
          limit: this.#pauses.size > 0 ? BEHIND : DOCUMENTS,
        });
        if (found.length > 0 && (await this.#round(found))) this.#again = true;
      } while (this.#again && !this.#stopped);
    } catch (error) {
      this.#parts.failed(error as Error);
    }
  }

  /** True when something was learned, so that another look is worth it. */
  async #round(documents: readonly Kept[]): Promise<boolean> {
    const round: Round = { done: new Map(), errors: new Map() };
    const subscribers = new Set(documents.flatMap((d) => (d._events ?? []).flatMap(({ to }) => to)));
    await Promise.all([...subscribers].map((subscriber) => this.#deliver(subscriber, documents, round)));
    const settled = await Promise.all(documents.map((document) => this.#settle(document, round)));
    return settled.some(Boolean);
  }

  async #deliver(subscriber: string, documents: readonly Kept[], round: Round): Promise<void> {
    const pause = this.#pauses.get(subscriber);
    if (pause && pause.until > this.#parts.now()) return;
    const events = documents.flatMap((document) => this.#deliverable(document, subscriber));
    for (let start = 0; start < events.length; start += EVENTS)
      if (!(await this.#send(subscriber, events.slice(start, start + EVENTS), round))) return;
  }

  /** One call; when it fails as a whole, event by event to find the guilty one. False when the subscriber is away. */
  async #send(subscriber: string, events: Delivery[], round: Round): Promise<boolean> {
    try {
      const receipt = await this.#parts.deliver(subscriber, events);
      this.#pauses.delete(subscriber);
      const done = round.done.get(subscriber) ?? new Set();
      receipt.done.forEach((id) => done.add(id));
      round.done.set(subscriber, done);
      receipt.failed.forEach(({ id, message }) => round.errors.set(id, `${subscriber}: ${message}`));
      return true;
    } catch (error) {
      if (isOutage(error)) this.#pause(subscriber, error);
      else if (events.length > 1) return this.#sendEach(subscriber, events, round);
      else round.errors.set((events[0] as Delivery).id, `${subscriber}: ${reasonOf(error)}`);
      return !isOutage(error);
    }
  }

  async #sendEach(subscriber: string, events: readonly Delivery[], round: Round): Promise<boolean> {
    const stuck = new Set<string>();
    for (const event of events) {
      if (stuck.has(event.entity)) continue;
      if (!(await this.#send(subscriber, [event], round))) return false;
      if (round.errors.has(event.id)) stuck.add(event.entity);
    }
    return true;
  }

  #pause(subscriber: string, error: unknown): void {
    const faults = (this.#pauses.get(subscriber)?.faults ?? 0) + 1;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** faults, LONGEST_PAUSE_MS);
    this.#pauses.set(subscriber, { faults, until: this.#parts.now() + wait });
    if (faults === 5) this.#parts.failed(new Error(`${subscriber} takes no events: ${reasonOf(error)}`));
  }

  /** A document's events for one subscriber up to the first that is parked or not due: what follows it must wait. */
  #deliverable(document: Kept, subscriber: string): Delivery[] {
    const events = (document._events ?? []).filter(({ to }) => to.includes(subscriber));
    const stop = events.findIndex(({ parked, due }) => parked === true || due > this.#parts.now());
    return (stop < 0 ? events : events.slice(0, stop)).map(({ id, type, version, at, payload, trace }) => ({
      id,
      type,
      entity: document._id,
      version,
      at,
      payload,
      ...(trace !== undefined && { trace }),
    }));
  }

  /** Removes what is delivered; what a crash leaves here is delivered again, and known by its id there. */
  async #settle(document: Kept, round: Round): Promise<boolean> {
    const before = document._events ?? [];
    const left = before.flatMap((event) => this.#after(event, round));
    if (left.length === before.length && left.every((event, i) => event === before[i])) return false;
    const { _id, version } = document;
    // Fails when the document was changed meanwhile, and so has another event behind these: the next look settles both.
    await this.#parts.adapter.change({ _id, version }, waiting(left));
    return true;
  }

  #after(event: PendingEvent, { done, errors }: Round): PendingEvent[] {
    const to = event.to.filter((subscriber) => done.get(subscriber)?.has(event.id) !== true);
    if (to.length === 0) return [];
    const error = errors.get(event.id);
    if (error === undefined) return to.length === event.to.length ? [event] : [{ ...event, to }];
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
