import { randomBytes } from "node:crypto";
import type { Meta } from "../../contract/meta.ts";
import type { ActionMap } from "../../services/contracts.ts";
import type { Order } from "../../services/orders/orders.shapes.ts";
import type { TestStore } from "./store.ts";

export type PlaceBody = ActionMap["orders.place"]["params"];
export type Placed = ActionMap["orders.place"]["returns"];

/** A fresh Idempotency-Key, long enough for a guest. */
export const freshKey = (): string => randomBytes(18).toString("base64url");

export const anAddress = {
  name: "Ada Lovelace",
  line1: "12 St James's Square",
  city: "London",
  postalCode: "SW1Y 4JH",
  country: "GB",
};

/** The body of a guest's order by lines, paid with `token`. */
export const anOrder = (lines: PlaceBody["lines"], over: Partial<PlaceBody> = {}): PlaceBody => ({
  lines,
  currency: "GBP",
  email: "ada@example.com",
  shippingAddress: anAddress,
  shippingMethod: "standard",
  payment: { provider: "test", token: "tok_visa" },
  ...over,
});

/** Places an order through the broker as a guest, or as `meta` says. */
export const place = (store: TestStore, body: PlaceBody, meta: Meta = {}): Promise<Placed> =>
  store.call("orders.place", body, { meta: { idempotencyKey: freshKey(), ...meta } });

export const staff: Meta = {
  caller: {
    kind: "account",
    id: "0198c0de-0000-7000-8000-00000000000a",
    role: "admin",
    session: "0198c0de-0000-7000-8000-00000000000b",
    email: "staff@example.com",
  },
};

export const aCustomer = (n = 1): Meta => ({
  caller: {
    kind: "account",
    id: `0198c0de-0000-7000-8000-0000000001${String(n).padStart(2, "0")}`,
    role: "customer",
    session: `0198c0de-0000-7000-8000-0000000002${String(n).padStart(2, "0")}`,
    email: `customer${n}@example.com`,
  },
});

/** The `type` of the refusal that a call ends in; fails when it does not refuse. */
export async function refusalOf(
  call: Promise<unknown>,
): Promise<{ type: string; code: number; data?: Record<string, unknown> }> {
  try {
    await call;
  } catch (error) {
    return error as { type: string; code: number; data?: Record<string, unknown> };
  }
  throw new Error("The call was not refused");
}

export const eventTypes = (order: Order): string[] => order.events.map((event) => event.type);
