import { Readable } from "node:stream";
import { unavailable } from "../../contract/errors.ts";
import type { Ctx, Handler } from "../../contract/implement.ts";
import type { SqlReader } from "../../mixins/sql.types.ts";
import type { WebhooksActor } from "./webhooks.actor.ts";
import type contract from "./webhooks.contract.ts";
import { placeMalformed } from "./webhooks.errors.ts";
import { bodyOf, checkKept, chosenTypes, headOf, readAfter } from "./webhooks.feed.ts";
import type { FeedRow } from "./webhooks.tables.ts";

/** Keeps proxies from closing a silent stream; milliseconds. */
const heartbeat = 15_000;
/** Readers come back with `Last-Event-ID`, so nobody reads for longer than an access token lives. */
const longest = 15 * 60_000;
const maxStreams = 200;
const batch = 100;

const message = (row: FeedRow): string => `id: ${row.seq}\nevent: ${row.type}\ndata: ${bodyOf(row)}\n\n`;

interface Start {
  reader: SqlReader;
  after: number;
  types: ReadonlySet<string> | undefined;
  /** The API key that reads. */
  key: string | undefined;
}

/** The feed from a place on, as fast as its reader takes it; `wake` it when there may be more. */
export class FeedStream extends Readable {
  readonly key: string | undefined;
  readonly #start: Start;
  #after: number;
  #wanted = false;
  #busy = false;
  #again = false;

  constructor(start: Start) {
    super();
    this.#start = start;
    this.#after = start.after;
    this.key = start.key;
    // Sent at once, so that a client knows that it listens.
    this.push(": listening\n\n");
  }

  override _read(): void {
    this.#wanted = true;
    this.wake();
  }

  wake(): void {
    this.#again = true;
    if (this.#busy || !this.#wanted || this.destroyed) return;
    this.#busy = true;
    this.#fill()
      .catch((error: unknown) => this.destroy(error as Error))
      .finally(() => {
        this.#busy = false;
      });
  }

  async #fill(): Promise<void> {
    const { reader, types } = this.#start;
    while (this.#again && this.#wanted && !this.destroyed) {
      this.#again = false;
      const { rows, scanned } = await readAfter(reader, this.#after, types, batch);
      this.#again ||= scanned > this.#after;
      this.#after = scanned;
      // `push` may ask for more at once; only its own answer says whether the reader is full.
      if (rows.length > 0) this.#wanted = this.push(rows.map(message).join(""));
    }
  }

  beat(): void {
    if (this.#wanted && !this.destroyed) this.push(": still here\n\n");
  }
}

async function startOf(actor: WebhooksActor, ctx: Ctx<{ after?: number; types?: string }>): Promise<Start> {
  const { caller, lastEventId } = ctx.meta;
  if (lastEventId !== undefined && !/^\d{1,15}$/.test(lastEventId)) throw placeMalformed();
  const given = lastEventId === undefined ? ctx.params.after : Number(lastEventId);
  const reader = actor.store.read;
  if (given !== undefined && given > 0) await checkKept(reader, given);
  return {
    reader,
    after: given ?? (await headOf(reader)),
    types: chosenTypes(ctx.params.types),
    key: caller?.kind === "key" ? caller.id : undefined,
  };
}

export const stream: Handler<typeof contract, "stream", WebhooksActor> = async function (ctx) {
  if (this.streams.size >= maxStreams) throw unavailable("TOO_MANY_STREAMS", "Too many streams are open.", 5);
  const out = new FeedStream(await startOf(this, ctx));
  this.streams.add(out);
  const beat = setInterval(() => out.beat(), heartbeat);
  const end = setTimeout(() => out.push(null), longest);
  out.once("close", () => {
    clearInterval(beat);
    clearTimeout(end);
    this.streams.delete(out);
  });
  return out;
};

/** A revoked key reads no further. */
export function closeStreamsOf(actor: WebhooksActor, key: string): void {
  for (const out of actor.streams) if (out.key === key) out.destroy();
}
