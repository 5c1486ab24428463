/**
 * Every event that integrators see. Holds of stock (`inventory.reserved`, `released`) stay inside: `orders.confirmed`,
 * `cancelled` and `expired` say the same to whoever sells.
 */
export const eventTypes = [
  "orders.confirmed",
  "orders.rejected",
  "orders.expired",
  "orders.packed",
  "orders.shipped",
  "orders.delivered",
  "orders.cancelled",
  "orders.returned",
  "orders.refunded",
  "orders.returnRequested",
  "orders.returnDecided",
  "payments.authorized",
  "payments.failed",
  "payments.captured",
  "payments.voided",
  "payments.refunded",
  "inventory.received",
  "inventory.shipped",
  "inventory.restocked",
  "products.changed",
] as const;

/** Words that choose events: a type, all types of an actor, or all. */
export const choices = ["*", "orders.*", "payments.*", "inventory.*", "products.*", ...eventTypes] as const;
export type Choice = (typeof choices)[number];

/** What a test of an endpoint sends; it never stands in the feed. */
export const testType = "webhooks.test";

/** The types that these choices stand for; undefined: all of them. */
export function typesOf(chosen: readonly string[]): ReadonlySet<string> | undefined {
  if (chosen.includes("*")) return undefined;
  const found = chosen.flatMap((choice) =>
    choice.endsWith(".*") ? eventTypes.filter((type) => type.startsWith(choice.slice(0, -1))) : [choice],
  );
  return new Set(found);
}
