import type Stripe from "stripe";
import type { PaymentsActor } from "./payments.actor.ts";
import { paymentRefused, refundRefused, signatureInvalid } from "./payments.errors.ts";
import type {
  Charge,
  ChargeRequest,
  Provider,
  ProviderEvent,
  RefundRequest,
  Webhook,
} from "./payments.provider.ts";
import { toStripe } from "./payments.stripe-amounts.ts";
import { toCharge, type Held, type Intent } from "./payments.stripe-charge.ts";
import { asked, keyOf, stripeOf } from "./payments.stripe-client.ts";
import { isDeclined, isStale } from "./payments.stripe-errors.ts";
import { kinds, strayOf, subjectOf } from "./payments.stripe-events.ts";
import { isNothing, StripeOrders, type StripeOrderRow } from "./payments.stripe-orders.ts";
import { intentParams, sessionParams } from "./payments.stripe-params.ts";

const withCharge = { expand: ["latest_charge"] };
const withIntent = { expand: ["payment_intent", "payment_intent.latest_charge"] };

/** Milliseconds that Stripe surely knows a key; after that a request whose answer was lost is not sent again. */
const keptFor = 23 * 3_600_000;

/** Days that reports which did not reach us are looked for. */
const missedDays = 3;

/** Seconds that a report may be old. */
const tolerance = 300;

/**
 * Stripe over its SDK. Without a token the shopper pays on Stripe's hosted page, with one (`pm_...`, `ctoken_...`) at once.
 * Amounts are authorized, captured when the order is shipped. What Stripe has now is asked for at every word of its own, so
 * reports may come late, twice or in any order.
 */
export class StripeProvider implements Provider {
  readonly name = "stripe";
  readonly #actor: PaymentsActor;
  readonly #keys: NonNullable<PaymentsActor["config"]["stripe"]>;
  readonly #orders: StripeOrders;
  #stripe!: Stripe;

  constructor(actor: PaymentsActor, keys: NonNullable<PaymentsActor["config"]["stripe"]>) {
    this.#actor = actor;
    this.#keys = keys;
    this.#orders = new StripeOrders(actor.store);
  }

  async start(): Promise<void> {
    this.#stripe = await stripeOf(this.#keys);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  async authorize(request: ChargeRequest): Promise<Charge> {
    const row = await this.#orders.open(request, this.#actor.timestamp());
    return toCharge(await this.#hold(row, request));
  }

  async retrieve(orderId: string): Promise<Charge | undefined> {
    const held = await this.#find(orderId);
    return held && toCharge(held);
  }

  async capture(orderId: string): Promise<Charge | undefined> {
    return this.#settled(orderId, "requires_capture", (intent, row) =>
      this.#stripe.paymentIntents.capture(intent.id, withCharge, keyOf(row, "capture")),
    );
  }

  /** The hosted page is closed first, so that nobody pays there while we let go. */
  async void(orderId: string): Promise<Charge | undefined> {
    const held = await this.#find(orderId);
    if (held?.session?.status === "open") await this.#closePage(held.orderId, held.session.id);
    const open = ["requires_capture", "requires_action", "requires_confirmation", "requires_payment_method"];
    return this.#settled(orderId, open, (intent, row) =>
      this.#stripe.paymentIntents.cancel(intent.id, withCharge, keyOf(row, "cancel")),
    );
  }

  /** Found by its id before it is asked for: Stripe forgets keys after a day, a refund counts once for ever. */
  async refund({ orderId, refundId, amount }: RefundRequest): Promise<Charge> {
    const row = await this.#orders.find(orderId);
    const held = await this.#find(orderId);
    if (!row || !held?.intent) throw refundRefused();
    const { intent } = held;
    const refund = await asked(this.#actor, this.#orders, row, async () => {
      for await (const known of this.#stripe.refunds.list({ payment_intent: intent.id, limit: 100 }))
        if (known.metadata?.["refundId"] === refundId) return known;
      const params = {
        payment_intent: intent.id,
        amount: toStripe(amount, intent.currency),
        metadata: { orderId, refundId },
      };
      return this.#stripe.refunds.create(params, keyOf(row, `refund:${refundId}`));
    });
    if (refund.status === "failed" || refund.status === "canceled") throw refundRefused();
    return toCharge((await this.#find(orderId)) ?? held);
  }

  async verifyWebhook({ headers, raw }: Webhook): Promise<ProviderEvent | undefined> {
    let event: Stripe.Event;
    try {
      event = this.#stripe.webhooks.constructEvent(
        raw,
        headers["stripe-signature"] ?? "",
        this.#keys.webhookSecret,
        tolerance,
        undefined,
        this.#actor.clock.now(),
      );
    } catch {
      throw signatureInvalid();
    }
    return this.#eventOf(event);
  }

  async *missed(): AsyncIterable<ProviderEvent> {
    const since = Math.floor(this.#actor.clock.now() / 1000) - missedDays * 86_400;
    const events = this.#stripe.events.list({
      delivery_success: false,
      created: { gte: since },
      types: [...kinds],
      limit: 100,
    });
    for await (const event of events) {
      if (await this.#orders.isTaken(event.id)) continue;
      const ours = await this.#eventOf(event);
      if (ours) yield ours;
    }
  }

  /** A report names an order of ours and perhaps an amount; everything else is what Stripe has now. */
  async #eventOf(event: Stripe.Event): Promise<ProviderEvent | undefined> {
    const subject = subjectOf(event);
    if (!subject) return undefined;
    const row =
      subject.orderId === undefined
        ? await this.#orders.ofIntent(subject.intentId ?? "")
        : await this.#orders.find(subject.orderId);
    if (!row) return undefined;
    if (subject.ids && row.session_id === null && row.intent_id === null)
      await this.#orders.learn(row.order_id, subject.ids);
    const held = await this.#find(row.order_id);
    const known = await this.#orders.find(row.order_id);
    if (!held || !known) return undefined;
    return { id: event.id, charge: { ...toCharge(held), ...subject.says, ...strayOf(subject, known) } };
  }

  /** What Stripe holds of an order; what was asked for and never answered is asked for again, under the same key. */
  async #find(orderId: string): Promise<Held | undefined> {
    const row = await this.#orders.find(orderId);
    if (!row || isNothing(row)) return undefined;
    const request = row.request === null ? undefined : (JSON.parse(row.request) as ChargeRequest);
    if (request && Date.parse(row.created_at) + keptFor < this.#actor.clock.now()) return undefined;
    return this.#hold(row, request);
  }

  #hold(row: StripeOrderRow, request: ChargeRequest | undefined): Promise<Held> {
    return asked(this.#actor, this.#orders, row, async () => {
      if (row.session_id !== null) return this.#page(row.order_id, row.session_id);
      if (row.intent_id !== null) return this.#intent(row.order_id, row.intent_id);
      // Refused for good before: nothing was made, and nothing will be.
      if (row.request === null || !request) throw paymentRefused();
      try {
        return await (request.token === undefined
          ? this.#openPage(row, request)
          : this.#charge(row, request));
      } catch (error) {
        if (isStale(error)) await this.#orders.learn(row.order_id, { session_id: null, intent_id: null });
        throw error;
      }
    });
  }

  async #page(orderId: string, id: string): Promise<Held> {
    const session = await this.#stripe.checkout.sessions.retrieve(id, withIntent);
    const intent = typeof session.payment_intent === "object" ? session.payment_intent : undefined;
    if (intent) await this.#orders.learn(orderId, { session_id: id, intent_id: intent.id });
    return { orderId, session, intent: intent ?? undefined };
  }

  async #intent(orderId: string, id: string): Promise<Held> {
    return { orderId, intent: await this.#stripe.paymentIntents.retrieve(id, withCharge) };
  }

  async #openPage(row: StripeOrderRow, request: ChargeRequest): Promise<Held> {
    const params = sessionParams(this.#actor, request, Date.parse(row.created_at));
    const session = await this.#stripe.checkout.sessions.create(params, keyOf(row, "authorize"));
    await this.#orders.learn(row.order_id, { session_id: session.id, intent_id: null });
    return { orderId: row.order_id, session };
  }

  /** A declined card leaves an intent that waits for another one; nobody will bring it. */
  async #charge(row: StripeOrderRow, request: ChargeRequest): Promise<Held> {
    const orderId = row.order_id;
    let intent: Intent;
    try {
      intent = await this.#stripe.paymentIntents.create(
        intentParams(this.#actor, request),
        keyOf(row, "authorize"),
      );
    } catch (error) {
      const left = isDeclined(error) && (error as { payment_intent?: Intent }).payment_intent;
      if (!left) throw error;
      intent = left;
    }
    await this.#orders.learn(orderId, { session_id: null, intent_id: intent.id });
    return { orderId, intent };
  }

  async #closePage(orderId: string, id: string): Promise<void> {
    const row = await this.#orders.find(orderId);
    if (!row) return;
    await asked(this.#actor, this.#orders, row, async () => {
      try {
        await this.#stripe.checkout.sessions.expire(id, {}, keyOf(row, "expire"));
      } catch (error) {
        // The shopper was faster, or it has closed by itself.
        if (!isStale(error)) throw error;
      }
    });
  }

  /** Changes an intent that is in one of `states`; when it has left them meanwhile, what stands is the answer. */
  async #settled(
    orderId: string,
    states: string | readonly string[],
    change: (intent: Intent, row: StripeOrderRow) => Promise<Intent>,
  ): Promise<Charge | undefined> {
    const row = await this.#orders.find(orderId);
    const held = row && (await this.#find(orderId));
    if (!held) return undefined;
    const { intent } = held;
    if (!intent || !states.includes(intent.status)) return toCharge(held);
    const after = await asked(this.#actor, this.#orders, row, async () => {
      try {
        return { ...held, intent: await change(intent, row) };
      } catch (error) {
        if (!isStale(error)) throw error;
        return (await this.#find(orderId)) ?? held;
      }
    });
    return toCharge(after);
  }
}
