import type { Delivery } from "../../../contract/actor-actions.ts";
import type { Identity, Meta } from "../../../contract/meta.ts";
import { uuidv7 } from "../../../mixins/uuid.ts";
import type { EventMap } from "../../../services/contracts.ts";

export const newId = uuidv7({ now: () => Date.now() });
export const gbp = (amount: number) => ({ amount, currency: "GBP" });
export type Order = EventMap["orders.confirmed"]["order"];

export const anOrder = (changes: Partial<Order> = {}): Order => ({
  id: newId(),
  number: "V-1001",
  status: "confirmed",
  currency: "GBP",
  email: "Ann@shop.example",
  customerId: newId(),
  lines: [
    {
      sku: "MUG-1",
      productId: newId(),
      name: "Mug <blue> & white",
      quantity: 2,
      unitPrice: gbp(617),
      total: gbp(1234),
      returned: 0,
      refunded: gbp(0),
    },
  ],
  subtotal: gbp(1234),
  discount: gbp(100),
  shipping: gbp(499),
  tax: gbp(0),
  includedTax: gbp(272),
  total: gbp(1633),
  couponCode: "SAVE1",
  shippingMethod: "standard",
  returns: [],
  refunds: [],
  payment: {
    status: "authorized",
    provider: "test",
    authorized: gbp(1633),
    captured: gbp(0),
    refunded: gbp(0),
  },
  shippingAddress: {
    name: "Ann Lee",
    line1: "1 High St",
    city: "York",
    postalCode: "YO1 1AA",
    country: "GB",
  },
  tracking: null,
  placedAt: new Date().toISOString(),
  updatedAt: new Date().toISOString(),
  version: 1,
  events: [],
  ...changes,
});

export const delivery = (type: keyof EventMap, payload: unknown): Delivery => ({
  id: newId(),
  type,
  entity: newId(),
  version: 1,
  at: new Date().toISOString(),
  payload,
});
export const orderEvent = (type: keyof EventMap, order: Order) => delivery(type, { order, cartId: null });

export const as = (role: "admin" | "staff"): { meta: Meta } => {
  const caller: Identity = {
    kind: "account",
    id: newId(),
    role,
    session: newId(),
    email: `${role}@shop.example`,
  };
  return { meta: { caller } };
};
