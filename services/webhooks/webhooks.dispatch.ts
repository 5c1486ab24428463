import type { Webhook } from "standardwebhooks";
import { skipLocked } from "../../mixins/skip-locked.ts";
import { sql, type Sql } from "../../mixins/sql.ts";
import { reasonOf } from "../../mixins/store-errors.ts";
import type { SqlTx } from "../../mixins/sql.types.ts";
import type { WebhooksActor } from "./webhooks.actor.ts";
import { runOutside } from "../../tracing/current.ts";
import { tracesOf } from "../../tracing/traces-of.ts";
import { bodyOf } from "./webhooks.feed.ts";
import { liveSecrets } from "./webhooks.secrets.ts";
import { Sender } from "./webhooks.send.ts";
import { settle, type Tried } from "./webhooks.settle.ts";
import {
  columnsOf,
  deliveries,
  endpoints,
  feed,
  type DeliveryRow,
  type EndpointRow,
  type FeedRow,
} from "./webhooks.tables.ts";

/** Requests to one endpoint at a time; no endpoint waits for another's. */
const lane = 16;
/** Milliseconds that a delivery belongs to the node that took it; longer than a request may take. */
const lease = 30_000;
/** Milliseconds between looks for what is due, when nothing says that something is. */
const tick = 1000;
/** What comes within this time of a wake-up is taken together; milliseconds. */
const gather = 5;

interface Taken {
  delivery: DeliveryRow;
  endpoint: EndpointRow;
}

/** Deliveries that may go now: due, and no earlier one of their entity is still to be delivered. */
const dueOf = (endpointId: string, now: number, limit: number, lock: Sql): Sql => sql`
  select ${columnsOf(deliveries, "d")} from deliveries d
  where d.endpoint_id = ${endpointId} and d.status = 'pending' and d.due <= ${now} and not exists (
    select 1 from deliveries p where p.endpoint_id = d.endpoint_id and p.entity = d.entity and p.status = 'pending'
    and p.seq < d.seq)
  order by d.due, d.seq limit ${limit}${lock}`;

/** Sends what is due, each endpoint in a lane of its own, in order per entity. */
export class Dispatcher {
  readonly #actor: WebhooksActor;
  readonly #sender: Sender;
  readonly #settle: (item: Tried) => Promise<null>;
  /** Requests that run, by endpoint. */
  readonly #running = new Map<string, number>();
  readonly #sends = new Set<Promise<void>>();
  #soon: NodeJS.Timeout | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #signer: typeof Webhook | undefined;

  constructor(actor: WebhooksActor) {
    this.#actor = actor;
    this.#sender = new Sender(actor.config.webhookAllowPrivate);
    this.#settle = actor.store.batch<Tried, null>("settle", (tx, items) =>
      settle(tx, items, { now: actor.clock.now(), at: actor.timestamp() }),
    );
  }

  start(): void {
    this.#ticker = setInterval(() => this.wake(), tick);
    this.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#ticker);
    clearTimeout(this.#soon);
    this.#sender.close();
    await this.#round;
    await Promise.allSettled(this.#sends);
  }

  /** Something may be due in so many milliseconds. */
  wake(after = gather): void {
    if (this.#stopped) return;
    if (this.#round !== undefined) this.#again = true;
    else this.#soon ??= setTimeout(() => runOutside(() => this.#begin()), after);
  }

  #begin(): void {
    this.#soon = undefined;
    this.#again = false;
    this.#round = this.#take()
      .catch((error: unknown) => this.#actor.logger.warn(`Webhooks wait: ${reasonOf(error)}`))
      .finally(() => {
        this.#round = undefined;
        if (this.#again) this.wake();
      });
  }

  async #take(): Promise<void> {
    const { store, clock } = this.#actor;
    // A look that costs no commit.
    const waiting = await store.read.all<EndpointRow>(sql`
      select ${columnsOf(endpoints, "e")} from endpoints e where e.enabled = 1 and exists (
        select 1 from deliveries d where d.endpoint_id = e.id and d.status = 'pending' and d.due <= ${clock.now()})`);
    const free = waiting.filter(({ id }) => this.#free(id) > 0);
    if (free.length === 0) return;
    const taken = await store.write((tx) => this.#lease(tx, free));
    const bodies = await this.#bodies(taken);
    for (const one of taken) this.#run(one, bodies.get(one.delivery.seq ?? 0) ?? one.delivery.body);
  }

  #free(endpointId: string): number {
    return lane - (this.#running.get(endpointId) ?? 0);
  }

  async #lease(tx: SqlTx, free: readonly EndpointRow[]): Promise<Taken[]> {
    const now = this.#actor.clock.now();
    const taken: Taken[] = [];
    for (const endpoint of free) {
      const due = dueOf(endpoint.id, now, this.#free(endpoint.id), skipLocked(tx, "of d"));
      const rows = await tx.all<DeliveryRow>(due);
      // Two test events have no order; two events of one entity are never both free to go.
      taken.push(...rows.map((delivery) => ({ delivery, endpoint })));
    }
    if (taken.length === 0) return taken;
    const ids = tx.rows(
      { id: "text" },
      taken.map(({ delivery }) => ({ id: delivery.id })),
    );
    await tx.run(sql`update deliveries set due = ${now + lease} where id in (select id from (${ids}) d)`);
    return taken;
  }

  async #bodies(taken: readonly Taken[]): Promise<Map<number, string>> {
    const { read } = this.#actor.store;
    const seqs = [...new Set(taken.flatMap(({ delivery: { seq } }) => (seq === null ? [] : [seq])))];
    if (seqs.length === 0) return new Map();
    const wanted = read.rows(
      { seq: "bigint" },
      seqs.map((seq) => ({ seq })),
    );
    const rows = await read.all<FeedRow>(
      sql`select ${columnsOf(feed)} from feed where seq in (select seq from (${wanted}) d)`,
    );
    return new Map(rows.map((row) => [row.seq, bodyOf(row)]));
  }

  #run(taken: Taken, body: string | null): void {
    const { id } = taken.endpoint;
    this.#running.set(id, (this.#running.get(id) ?? 0) + 1);
    const send = this.#send(taken, body)
      .catch((error: unknown) => this.#actor.logger.warn(`A webhook is sent again later: ${reasonOf(error)}`))
      .finally(() => {
        this.#running.set(id, (this.#running.get(id) ?? 1) - 1);
        this.#sends.delete(send);
        this.wake();
      });
    this.#sends.add(send);
  }

  async #send({ delivery, endpoint }: Taken, body: string | null): Promise<void> {
    const span = tracesOf(this.#actor.broker)?.later("webhook", "POST webhook", "webhooks", delivery.trace, {
      endpoint: endpoint.id,
      attempt: delivery.attempts + 1,
    });
    const headers = {
      ...(await this.#headers(delivery, endpoint, body ?? "")),
      ...(span && { traceparent: span.traceparent }),
    };
    const sent =
      body === null
        ? { status: null, answer: null, error: "the event is kept no more", milliseconds: 0 }
        : await this.#sender.send({ url: endpoint.url, headers, body });
    if (span !== undefined) {
      span.note("http.response.status_code", sent.status ?? 0);
      span.end(sent.error === null ? undefined : { type: "WEBHOOK_FAILED" });
    }
    // What stopping broke off is nobody's failure; the lease ends by itself.
    if (this.#stopped && sent.status === null) return;
    await this.#settle({ delivery, endpoint, headers, sent });
    if (sent.error !== null && delivery.attempts === 0) setTimeout(() => this.wake(), 320).unref();
  }

  async #headers(
    { event_id: id }: DeliveryRow,
    endpoint: EndpointRow,
    body: string,
  ): Promise<Record<string, string>> {
    const { config, clock } = this.#actor;
    // Loaded with the first webhook: stores without endpoints start without it.
    const Signer = (this.#signer ??= (await import("standardwebhooks")).Webhook);
    const at = new Date(clock.now());
    const secrets = liveSecrets(config.appSecret, endpoint, clock.now());
    return {
      "content-type": "application/json",
      "user-agent": "Valence-Webhooks/1",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": secrets.map((secret) => new Signer(secret).sign(id, at, body)).join(" "),
    };
  }
}
