import { textAt, textsAt, type Form } from "./form.ts";
import type { Ledger } from "./ledger.ts";
import { missing, StripeProblem, type Intent, type Session, type StripeEvent } from "./objects.ts";
import type { Webhooks } from "./webhooks.ts";

interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Form;
}

const list = (data: unknown[]) => ({ object: "list", data, has_more: false });

/** The routes of Stripe's API that a store with hosted checkout and manual capture asks. */
export class Api {
  readonly #ledger: Ledger;
  readonly #webhooks: Webhooks;

  constructor(ledger: Ledger, webhooks: Webhooks) {
    this.#ledger = ledger;
    this.#webhooks = webhooks;
  }

  /** @throws StripeProblem */
  answer({ method, path, query, body }: Call): unknown {
    const ledger = this.#ledger;
    const [, , kind = "", id = "", verb = "", more = ""] = path.split("/");
    switch (`${method} ${kind}`) {
      case "POST checkout":
        return this.#session(more === "expire" ? ledger.expire(verb) : this.#openSession(body));
      case "GET checkout":
        return this.#session(ledger.session(verb));
      case "POST payment_intents":
        return this.#intent(this.#change(id, verb, body));
      case "GET payment_intents":
        if (id === "") return list([...ledger.intents.values()].toReversed().map((one) => this.#intent(one)));
        return this.#intent(ledger.intent(id));
      case "POST refunds":
        return ledger.refund(
          textAt(body, "payment_intent") ?? "",
          Number(textAt(body, "amount")),
          textsAt(body, "metadata"),
        );
      case "GET refunds": {
        const of = query.get("payment_intent");
        return list([...ledger.refunds.values()].filter((refund) => refund.payment_intent === of));
      }
      case "GET events":
        return list(this.#events(query));
      default:
        throw missing("route");
    }
  }

  #events(query: URLSearchParams): StripeEvent[] {
    const events =
      query.get("delivery_success") === "false" ? this.#webhooks.undelivered() : this.#webhooks.events;
    const types = [...query].filter(([name]) => name.startsWith("types")).map(([, type]) => type);
    return events.filter(({ type }) => types.length === 0 || types.includes(type)).toReversed();
  }

  #openSession(body: Form): Session {
    const price = (...path: string[]) => textAt(body, "line_items", "0", "price_data", ...path);
    const amount = Number(price("unit_amount")) * Number(textAt(body, "line_items", "0", "quantity"));
    if (amount < 30)
      throw new StripeProblem(400, {
        type: "invalid_request_error",
        code: "amount_too_small",
        message: "The total amount must convert to at least 30 pence.",
      });
    return this.#ledger.openSession({
      amount_total: amount,
      currency: price("currency") ?? "",
      client_reference_id: textAt(body, "client_reference_id") ?? null,
      customer_email: textAt(body, "customer_email") ?? null,
      metadata: textsAt(body, "metadata"),
      success_url: textAt(body, "success_url") ?? "",
      cancel_url: textAt(body, "cancel_url") ?? "",
      expires_at: Number(textAt(body, "expires_at")),
      intent_data: {
        capture_method:
          textAt(body, "payment_intent_data", "capture_method") === "manual" ? "manual" : "automatic",
        metadata: textsAt(body, "payment_intent_data", "metadata"),
        description: textAt(body, "payment_intent_data", "description") ?? null,
      },
    });
  }

  #change(id: string, verb: string, body: Form): Intent {
    if (verb === "capture") return this.#ledger.capture(id);
    if (verb === "cancel") return this.#ledger.cancel(id);
    const intent = this.#ledger.newIntent({
      amount: Number(textAt(body, "amount")),
      currency: textAt(body, "currency") ?? "",
      capture_method: textAt(body, "capture_method") === "manual" ? "manual" : "automatic",
      metadata: textsAt(body, "metadata"),
      description: textAt(body, "description") ?? null,
    });
    if (textAt(body, "confirm") === "true")
      this.#ledger.confirm(intent, textAt(body, "payment_method") ?? "", textAt(body, "return_url") ?? "");
    return intent;
  }

  /** With what the store always asks to expand. */
  #intent(intent: Intent): object {
    return { ...intent, latest_charge: this.#ledger.charges.get(intent.latest_charge ?? "") ?? null };
  }

  #session({ intent_data: _hidden, ...session }: Session): object {
    const intent = this.#ledger.intents.get(session.payment_intent ?? "");
    return { ...session, payment_intent: intent ? this.#intent(intent) : null };
  }
}
