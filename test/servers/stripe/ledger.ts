import {
  missing,
  StripeProblem,
  unexpectedState,
  type Charge,
  type Intent,
  type Refund,
  type Session,
} from "./objects.ts";

/** Cards by the names that Stripe's test mode gives them. */
const cards: Record<string, { decline?: string; challenge?: boolean }> = {
  pm_card_visa: {},
  pm_card_chargeDeclined: { decline: "generic_decline" },
  pm_card_chargeDeclinedInsufficientFunds: { decline: "insufficient_funds" },
  pm_card_authenticationRequired: { challenge: true },
};

/** What Stripe keeps of one account, and how its money moves; every change is told. */
export class Ledger {
  readonly sessions = new Map<string, Session>();
  readonly intents = new Map<string, Intent>();
  readonly charges = new Map<string, Charge>();
  readonly refunds = new Map<string, Refund>();
  readonly #origin: () => string;
  readonly #tell: (type: string, object: object) => void;
  #made = 0;

  constructor(origin: () => string, tell: (type: string, object: object) => void) {
    this.#origin = origin;
    this.#tell = tell;
  }

  newId(kind: string): string {
    this.#made += 1;
    return `${kind}_test_${String(this.#made).padStart(6, "0")}`;
  }

  get now(): number {
    return Math.floor(Date.now() / 1000);
  }

  session(id: string): Session {
    const session = this.sessions.get(id);
    if (!session) throw missing("checkout.session");
    return session;
  }

  intent(id: string): Intent {
    const intent = this.intents.get(id);
    if (!intent) throw missing("payment_intent");
    return intent;
  }

  openSession(
    given: Omit<Session, "id" | "object" | "status" | "payment_status" | "url" | "payment_intent">,
  ) {
    const id = this.newId("cs");
    const session: Session = {
      ...given,
      id,
      object: "checkout.session",
      status: "open",
      payment_status: "unpaid",
      url: `${this.#origin()}/c/pay/${id}`,
      payment_intent: null,
    };
    this.sessions.set(id, session);
    return session;
  }

  newIntent(
    given: Pick<Intent, "amount" | "currency" | "capture_method" | "metadata" | "description">,
  ): Intent {
    const intent: Intent = {
      ...given,
      id: this.newId("pi"),
      object: "payment_intent",
      status: "requires_payment_method",
      amount_capturable: 0,
      amount_received: 0,
      latest_charge: null,
      last_payment_error: null,
      next_action: null,
      created: this.now,
    };
    this.intents.set(intent.id, intent);
    return intent;
  }

  /** The shopper (or the store, with a card that was collected before) pays. @throws 402 when the card is declined */
  confirm(intent: Intent, card: string, returnUrl: string): void {
    const behaviour = cards[card];
    if (!behaviour)
      throw new StripeProblem(400, {
        type: "invalid_request_error",
        code: "resource_missing",
        param: "payment_method",
        message: `No such PaymentMethod: '${card}'`,
      });
    if (behaviour.decline !== undefined) this.#decline(intent, behaviour.decline);
    if (!behaviour.challenge) return this.#authorize(intent);
    intent.status = "requires_action";
    intent.next_action = {
      type: "redirect_to_url",
      redirect_to_url: { url: `${this.#origin()}/3ds/${intent.id}`, return_url: returnUrl },
    };
    this.#tell("payment_intent.requires_action", intent);
  }

  /** The bank's word on a card that needed one. @returns where the shopper goes */
  authenticate(intent: Intent, approve: boolean): string {
    const back = intent.next_action?.redirect_to_url.return_url ?? "/";
    if (intent.status !== "requires_action") return back;
    intent.next_action = null;
    if (approve) this.#authorize(intent);
    else {
      intent.status = "requires_payment_method";
      intent.last_payment_error = {
        code: "payment_intent_authentication_failure",
        message: "Not authenticated.",
      };
      this.#tell("payment_intent.payment_failed", intent);
    }
    return back;
  }

  capture(id: string): Intent {
    const intent = this.intent(id);
    if (intent.status !== "requires_capture") throw unexpectedState(intent);
    intent.status = "succeeded";
    intent.amount_received = intent.amount;
    intent.amount_capturable = 0;
    this.#chargeOf(intent).amount_captured = intent.amount;
    this.#tell("payment_intent.succeeded", intent);
    return intent;
  }

  cancel(id: string): Intent {
    const intent = this.intent(id);
    if (intent.status === "succeeded" || intent.status === "canceled") throw unexpectedState(intent);
    intent.status = "canceled";
    intent.amount_capturable = 0;
    this.#tell("payment_intent.canceled", intent);
    return intent;
  }

  expire(id: string): Session {
    const session = this.session(id);
    if (session.status !== "open")
      throw new StripeProblem(400, {
        type: "invalid_request_error",
        message: `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`,
      });
    session.status = "expired";
    session.url = null;
    if (session.payment_intent !== null) this.cancel(session.payment_intent);
    this.#tell("checkout.session.expired", session);
    return session;
  }

  refund(intentId: string, amount: number, metadata: Record<string, string>): Refund {
    const intent = this.intent(intentId);
    const charge = this.#chargeOf(intent);
    if (amount > charge.amount_captured - charge.amount_refunded)
      throw new StripeProblem(400, {
        type: "invalid_request_error",
        code: "charge_already_refunded",
        message: "Refund amount is greater than unrefunded amount on charge",
      });
    const refund: Refund = {
      id: this.newId("re"),
      object: "refund",
      amount,
      currency: intent.currency,
      payment_intent: intentId,
      status: "succeeded",
      metadata,
    };
    this.refunds.set(refund.id, refund);
    charge.amount_refunded += amount;
    this.#tell("charge.refunded", charge);
    return refund;
  }

  #chargeOf(intent: Intent): Charge {
    const charge = this.charges.get(intent.latest_charge ?? "");
    if (!charge) throw unexpectedState(intent);
    return charge;
  }

  #decline(intent: Intent, decline: string): never {
    intent.last_payment_error = {
      code: "card_declined",
      decline_code: decline,
      message: "Your card was declined.",
    };
    this.#tell("payment_intent.payment_failed", intent);
    throw new StripeProblem(402, {
      type: "card_error",
      code: "card_declined",
      decline_code: decline,
      message: "Your card was declined.",
      payment_intent: { ...intent },
    });
  }

  #authorize(intent: Intent): void {
    const charge: Charge = {
      id: this.newId("ch"),
      object: "charge",
      amount: intent.amount,
      amount_captured: 0,
      amount_refunded: 0,
      currency: intent.currency,
      payment_intent: intent.id,
      metadata: intent.metadata,
    };
    this.charges.set(charge.id, charge);
    intent.latest_charge = charge.id;
    intent.last_payment_error = null;
    intent.status = "requires_capture";
    intent.amount_capturable = intent.amount;
    this.#tell("payment_intent.amount_capturable_updated", intent);
    const session = [...this.sessions.values()].find((one) => one.payment_intent === intent.id);
    if (!session) return;
    session.status = "complete";
    session.url = null;
    this.#tell("checkout.session.completed", session);
  }
}
