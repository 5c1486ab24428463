import { refuse } from "../../contract/errors.ts";
import type { Payment } from "../../services/payments/payments.contract.ts";
import { standIns } from "./stand-ins.ts";
import { startStore, type StoreOptions, type TestStore } from "./store.ts";

const productId = "0198c0de-0000-7000-8000-000000000001";

/** Prices in minor units of every currency. */
export type Prices = Record<string, number>;

export interface OrderStore extends TestStore {
  payments: Map<string, Payment>;
  /** How often the provider was asked to authorize. */
  charges: number;
  /** By action of payments: errors that its next calls end in, one each. */
  faults: Map<string, Error[]>;
  /** Runs when the answer to `authorize` is decided and before it is given. */
  beforeAnswer?: (payment: Payment) => Promise<void> | void;
}

/**
 * The orders and inventory actors with a catalogue of `prices` and a payments actor that knows the tokens `tok_visa`,
 * `tok_declined` and `tok_3ds`, keyed by order as the contract says; nodes of one store share `payments`.
 */
export async function startOrderStore(
  prices: Prices,
  options: StoreOptions = {},
  payments = new Map<string, Payment>(),
): Promise<OrderStore> {
  let charges = 0;
  const now = () => new Date().toISOString();
  const get = (orderId: string): Payment => {
    const payment = payments.get(orderId);
    if (!payment) throw refuse(404, "PAYMENT_NOT_FOUND", "There is no such payment.");
    return payment;
  };
  const faults = new Map<string, Error[]>();
  const stumble = (action: string) => {
    const fault = faults.get(action)?.shift();
    if (fault) throw fault;
  };
  const extra = standIns({
    "products.resolve": ({ params }) =>
      params.skus.flatMap((sku) => {
        const amount = prices[sku];
        const price = { amount: amount ?? 0, currency: params.currency };
        return amount === undefined
          ? []
          : [{ sku, productId, slug: "thing", name: `Thing ${sku}`, options: {}, image: null, price }];
      }),
    "payments.authorize": async ({ params: { orderId, amount, provider, token } }) => {
      stumble("authorize");
      const known = payments.get(orderId);
      if (known) {
        await made.beforeAnswer?.(known);
        return known;
      }
      charges += 1;
      const zero = { amount: 0, currency: amount.currency };
      const base = {
        id: orderId,
        orderId,
        provider,
        amount,
        captured: zero,
        refunded: zero,
        failure: null,
        createdAt: now(),
        version: 1,
      };
      const first: Payment =
        token === "tok_3ds"
          ? {
              ...base,
              status: "requires_action",
              nextAction: { type: "redirect", url: "https://pay.example/3ds" },
            }
          : token === "tok_visa"
            ? { ...base, status: "authorized" }
            : { ...base, status: "failed", failure: "declined" };
      payments.set(orderId, first);
      await made.beforeAnswer?.(first);
      return first;
    },
    "payments.get": ({ params }) => payments.get(params.orderId) ?? null,
    "payments.capture": ({ params }) => {
      stumble("capture");
      const payment = get(params.orderId);
      const next = { ...payment, status: "captured" as const, captured: payment.amount };
      payments.set(params.orderId, next);
      return next;
    },
    "payments.void": ({ params }) => {
      stumble("void");
      const payment = payments.get(params.orderId);
      if (!payment) return null;
      const next = payment.status === "failed" ? payment : { ...payment, status: "voided" as const };
      payments.set(params.orderId, next);
      return next;
    },
    "payments.refund": ({ params }) => {
      stumble("refund");
      const payment = get(params.orderId);
      const refunded = { ...payment.refunded, amount: payment.refunded.amount + params.amount.amount };
      if (refunded.amount > payment.captured.amount)
        throw refuse(409, "REFUND_EXCEEDS_CAPTURE", "More than was captured.");
      const next = { ...payment, refunded };
      payments.set(params.orderId, next);
      return next;
    },
  });
  const store = await startStore({
    services: ["orders", "inventory"],
    ...options,
    extra: [...extra, ...(options.extra ?? [])],
  });
  const made: OrderStore = Object.defineProperty({ ...store, payments, faults, charges: 0 }, "charges", {
    get: () => charges,
  });
  return made;
}

/** Puts `onHand` units of each SKU on the shelf. */
export const stock = async (store: TestStore, units: Record<string, number>): Promise<void> => {
  const items = Object.entries(units).map(([sku, onHand]) => ({ sku, onHand }));
  await store.call("inventory.setStock", { key: "test", reason: "count", items });
};

export const onShelf = async (store: TestStore, sku: string): Promise<[onHand: number, reserved: number]> => {
  const item = await store.call("inventory.get", { sku });
  return [item.onHand, item.reserved];
};
