import { setTimeout as pause } from "node:timers/promises";
import { notFound, refuse, unavailable, versionMismatch } from "../contract/errors.ts";
import { EventLog } from "./document-log.ts";
import { keysAfter, onceOf, putKeys, storedAnswer, type OnceContext } from "./document-once.ts";
import { DocumentReader } from "./document-reader.ts";
import { changeOf, domainOf, keptField } from "./document-shape.ts";
import { Turns } from "./document-turns.ts";
import type {
  Change,
  ChangeLog,
  Documents,
  Draft,
  Kept,
  Once,
  PendingEvent,
  Stored,
  UpsertItem,
} from "./document-types.ts";

/** Rounds of read and conditional write against other nodes' writes before a document is given up. */
const ROUNDS = 20;
/** A random wait after a lost round, so that two nodes do not lose to each other in step. */
const LONGEST_PAUSE_MS = 50;
/** Writes of one `upsertMany` that are under way together. */
const TOGETHER = 128;

interface Write<D extends Stored> {
  current: Kept | undefined;
  draft: Draft<D>;
  events: readonly PendingEvent[];
  once: Once | undefined;
}

/** The port of the document store over one moleculer-db adapter. */
export class DocumentCollection<D extends Stored> extends DocumentReader<D> implements Documents<D> {
  readonly #turns = new Turns();

  async insert(draft: Draft<D>, log?: (log: ChangeLog) => void, once?: Once): Promise<D> {
    const events = this.#events(1, log);
    const made = (await this.#write({ current: undefined, draft, events, once })) as D;
    this.parts.tell();
    return made;
  }

  update(id: string, expected: number | undefined, change: Change<D>, once?: Once): Promise<D> {
    return this.#change(id, expected, (current, events) => {
      const draft = change(domainOf<D>(current), events);
      return this.#write({ current, draft, events: events.events, once });
    });
  }

  async remove(
    id: string,
    expected: number | undefined,
    log?: (current: D, log: ChangeLog) => void,
  ): Promise<void> {
    await this.#change(id, expected, (current, events) => {
      log?.(domainOf<D>(current), events);
      return this.#bury(current, events.events);
    });
  }

  async upsertMany(items: readonly UpsertItem<D>[]): Promise<({ ok: D } | { error: Error })[]> {
    try {
      return await this.#upsertAll(items);
    } finally {
      this.parts.tell();
    }
  }

  async #upsertAll(items: readonly UpsertItem<D>[]): Promise<({ ok: D } | { error: Error })[]> {
    const results: ({ ok: D } | { error: Error })[] = [];
    for (let start = 0; start < items.length; start += TOGETHER) {
      const some = items.slice(start, start + TOGETHER);
      const query = { _id: { $in: some.map(({ id }) => id) } };
      const found = new Map((await this.parts.adapter.find({ query })).map((kept) => [kept._id, kept]));
      results.push(...(await Promise.all(some.map((item) => this.#upsert(item, found.get(item.id))))));
    }
    return results;
  }

  async once(ctx: OnceContext, write: (once: Once | undefined) => Promise<D>): Promise<D> {
    const once = onceOf(ctx);
    if (!once) return write(undefined);
    const stored = await this.#answered(ctx, once);
    if (stored) return stored;
    try {
      return await write(once);
    } catch (error) {
      // A twin of this request may have won between the look and the write.
      const twin = await this.#answered(ctx, once);
      if (twin) return twin;
      throw error;
    }
  }

  async #answered(ctx: OnceContext, once: Once): Promise<D | undefined> {
    const document = await this.parts.adapter.findOne({ _keyed: once.key });
    const answer = storedAnswer(document, once, this.now());
    if (answer === undefined) {
      if (document) await this.#dropOldKeys(document);
      return undefined;
    }
    ctx.meta.replayed = true;
    return JSON.parse(answer) as D;
  }

  /** A key older than a day may be used again, but its index still has it. */
  async #dropOldKeys(document: Kept): Promise<void> {
    const { _id, version } = document;
    const keys = keysAfter(document._keys, this.now(), undefined, {});
    const change = keys
      ? { $set: { _keys: keys, _keyed: keys.map(({ key }) => key) } }
      : { $unset: { _keys: true, _keyed: true } };
    await this.parts.adapter.change({ _id, version }, change);
  }

  async #upsert({ id, change }: UpsertItem<D>, seen?: Kept): Promise<{ ok: D } | { error: Error }> {
    let first = true;
    try {
      const ok = await this.#rounds(id, async (read) => {
        const found = first ? seen : await read();
        first = false;
        const log = this.#log((found?.version ?? 0) + 1);
        const draft = change(found && !found._removed ? domainOf<D>(found) : undefined, log);
        return this.#write({ current: found, draft, events: log.events, once: undefined });
      });
      return { ok };
    } catch (error) {
      return { error: error as Error };
    }
  }

  async #change<R>(
    id: string,
    expected: number | undefined,
    write: (current: Kept, log: EventLog) => Promise<R | undefined>,
  ): Promise<R> {
    const done = await this.#rounds(id, async (read) => {
      const found = await read();
      if (!found || found._removed) throw notFound(this.parts.options.entity);
      if (expected !== undefined && found.version !== expected) throw versionMismatch();
      return write(found, this.#log(found.version + 1));
    });
    this.parts.tell();
    return done;
  }

  /** Reads and writes on the condition that the version stands; again when it does not. In turn with this node's own writes. */
  #rounds<R>(
    id: string,
    write: (read: () => Promise<Kept | undefined>) => Promise<R | undefined>,
  ): Promise<R> {
    const read = async () => (await this.parts.adapter.findOne({ _id: id })) ?? undefined;
    return this.#turns.take(id, async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const done = await write(read);
        if (done !== undefined) return done;
        await pause(Math.random() * Math.min(2 ** round, LONGEST_PAUSE_MS));
      }
      throw busy();
    });
  }

  async #write({ current, draft, events, once }: Write<D>): Promise<D | undefined> {
    const now = this.now();
    const next = this.#successor(draft, current, now);
    const answer = domainOf<D>(next);
    putKeys(next, keysAfter(current?._keys, now, once, answer));
    const done = await this.#refusing(next, () => this.#put(current, next, events));
    if (!done) return undefined;
    this.#wrote(next._id, events);
    if (this.parts.adapter.exclusive)
      this.hotCopies.fill(this.hotCopies.round, answer, { now, until: Infinity });
    return answer;
  }

  #successor(draft: { id: string }, current: Kept | undefined, now: number): Kept {
    return changeOf(draft, current, new Date(now).toISOString(), Object.keys(this.parts.options.indexes));
  }

  #put(current: Kept | undefined, next: Kept, events: readonly PendingEvent[]): Promise<boolean> {
    const { adapter } = this.parts;
    const due = events[0]?.due;
    if (!current) {
      const waiting = due === undefined ? {} : { _events: [...events], _due: due };
      return adapter.insert({ ...next, ...waiting }).then(() => true);
    }
    const { _id, ...fields } = next;
    const gone = Object.keys(current).filter((field) => !(field in next) && !untouched.has(field));
    return adapter.change(
      { _id, version: current.version },
      {
        $set: due === undefined ? fields : { ...fields, _due: due },
        ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map((field) => [field, true])) }),
        ...(due !== undefined && { $push: { _events: { $each: [...events] } } }),
      },
    );
  }

  async #bury(current: Kept, events: readonly PendingEvent[]): Promise<true | undefined> {
    const now = this.now();
    const next: Kept = {
      ...this.#successor({ id: current._id }, current, now),
      _removed: true,
    };
    putKeys(next, keysAfter(current._keys, now, undefined, {}));
    if (!(await this.#put(current, next, events))) return undefined;
    this.#wrote(next._id, events);
    return true;
  }

  #wrote(id: string, events: readonly PendingEvent[]): void {
    this.hotCopies.forget(id);
    this.parts.changed([id], events.length > 0);
  }

  async #refusing<R>(next: Kept, write: () => Promise<R>): Promise<R> {
    try {
      return await write();
    } catch (error) {
      const taken = this.parts.adapter.duplicate(error, next);
      if (taken === undefined) throw error;
      const field = Object.keys(this.parts.options.indexes).find((path) => keptField(path) === taken) ?? "id";
      const code = this.parts.options.indexes[field]?.unique ?? "ALREADY_EXISTS";
      throw refuse(409, code, `Another ${this.parts.options.entity} has this ${field.split(".").at(-1)}.`, {
        errors: [{ pointer: `/${field.replaceAll(".", "/")}`, message: "is taken" }],
      });
    }
  }

  #events(version: number, log: ((log: ChangeLog) => void) | undefined): readonly PendingEvent[] {
    const events = this.#log(version);
    log?.(events);
    return events.events;
  }

  #log(version: number): EventLog {
    return new EventLog(this.parts.source, this.parts.name, version);
  }
}

/** Fields of the store's own that a change leaves as they are. */
const untouched: ReadonlySet<string> = new Set(["_events", "_due", "_parked"]);

const busy = (): Error => unavailable("BUSY", "This is being changed all the time; try again.");
