import { sql } from "../../mixins/sql.ts";
import type { SqlStore, Table } from "../../mixins/sql.types.ts";
import type { ChargeRequest } from "./payments.provider.ts";

/**
 * Which objects of Stripe belong to which order. A row is durable before Stripe is asked, with the request as it was sent, until
 * an id is known: whoever comes after a lost answer sends exactly that again, and is answered what stands. `generation` is
 * part of every idempotency key: Stripe answers a key that ended in a 500 with that 500 for a day.
 */
export const stripe_orders = {
  order_id: "text",
  session_id: "text",
  intent_id: "text",
  request: "text",
  generation: "bigint",
  created_at: "text",
} as const satisfies Table;

export interface StripeOrderRow {
  order_id: string;
  session_id: string | null;
  intent_id: string | null;
  request: string | null;
  generation: number;
  created_at: string;
}

export type StripeIds = Pick<StripeOrderRow, "session_id" | "intent_id">;

/** Stripe refused the request for good, so it holds nothing. */
export const isNothing = ({ session_id, intent_id, request }: StripeOrderRow): boolean =>
  session_id === null && intent_id === null && request === null;

export class StripeOrders {
  readonly #store: SqlStore;

  constructor(store: SqlStore) {
    this.#store = store;
  }

  find(orderId: string): Promise<StripeOrderRow | undefined> {
    return this.#store.read.get(sql`select * from stripe_orders where order_id = ${orderId}`);
  }

  ofIntent(intentId: string): Promise<StripeOrderRow | undefined> {
    return this.#store.read.get(sql`select * from stripe_orders where intent_id = ${intentId}`);
  }

  async isTaken(eventId: string): Promise<boolean> {
    const query = sql`select event_id from provider_events where provider = 'stripe' and event_id = ${eventId}`;
    return (await this.#store.read.get(query)) !== undefined;
  }

  /** The order's row; made when there is none, and never changed by a repeat. */
  open(request: ChargeRequest, at: string): Promise<StripeOrderRow> {
    const { orderId } = request;
    return this.#store.write(async (tx) => {
      const row: StripeOrderRow = {
        order_id: orderId,
        session_id: null,
        intent_id: null,
        request: JSON.stringify(request),
        generation: 1,
        created_at: at,
      };
      const values = tx.rows(stripe_orders, [row]);
      await tx.run(sql`
        insert into stripe_orders (order_id, session_id, intent_id, request, generation, created_at)
        select order_id, session_id, intent_id, request, generation, created_at from (${values}) as d
        where true on conflict (order_id) do nothing`);
      return (await tx.get<StripeOrderRow>(
        sql`select * from stripe_orders where order_id = ${orderId}`,
      )) as StripeOrderRow;
    });
  }

  /** Ids that Stripe told; the first ones stay. The request, which names the shopper, is not needed any more. */
  async learn(orderId: string, { session_id: session, intent_id: intent }: StripeIds): Promise<void> {
    await this.#store.write((tx) =>
      tx.run(sql`
        update stripe_orders set session_id = coalesce(session_id, ${session}), intent_id = coalesce(intent_id, ${intent}),
          request = null
        where order_id = ${orderId}`),
    );
  }

  /** A step ended in a failure that Stripe may have kept under its key: the next try gets a new one. */
  async renew(orderId: string, generation: number): Promise<void> {
    await this.#store.write((tx) =>
      tx.run(sql`
        update stripe_orders set generation = generation + 1
        where order_id = ${orderId} and generation = ${generation}`),
    );
  }
}
