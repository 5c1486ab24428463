import type { Money } from "../../contract/shapes.ts";
import type { EventMap } from "../contracts.ts";
import { link, paragraph, table, type Block } from "./notifications.blocks.ts";
import type { Draft, Shop } from "./notifications.templates.ts";

type OrderChange = EventMap["orders.confirmed"];
type Order = OrderChange["order"];

const formats = new Map<string, (minor: number) => string>();

/** Kept by currency, because making one takes longer than all the rest of a mail. */
function formatOf(currency: string): (minor: number) => string {
  const known = formats.get(currency);
  if (known) return known;
  const format = new Intl.NumberFormat("en-GB", { style: "currency", currency });
  const unit = 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
  const made = (minor: number) => format.format(minor / unit);
  formats.set(currency, made);
  return made;
}

/** `£1,234.50` */
export const price = ({ amount, currency }: Money): string => formatOf(currency)(amount);

/** A guest's link carries the order's secret behind `#`, where no server and no log sees it. */
const orderLink = ({ id, customerId }: Order, shop: Shop): Block =>
  link(
    "See your order",
    `${shop.url}/orders/${id}${customerId === null ? `#secret=${shop.orderSecret(id)}` : ""}`,
  );

const hello = ({ shippingAddress }: Order): Block => paragraph(`Hello ${shippingAddress.name},`);
const signature = paragraph("Valence");

const lines = (order: Order): Block =>
  table(order.lines.map((line) => [`${line.quantity} x ${line.name} (${line.sku})`, price(line.total)]));

function totals(order: Order): Block {
  const rows: [string, string][] = [["Subtotal", price(order.subtotal)]];
  if (order.discount.amount !== 0)
    rows.push([
      order.couponCode === null ? "Discount" : `Discount (${order.couponCode})`,
      `-${price(order.discount)}`,
    ]);
  rows.push(["Shipping", price(order.shipping)]);
  if (order.tax.amount !== 0) rows.push(["Tax", price(order.tax)]);
  rows.push(["Total", price(order.total)]);
  if (order.includedTax.amount !== 0) rows.push(["Tax contained", price(order.includedTax)]);
  return table(rows);
}

function postal({ shippingAddress: a }: Order): Block {
  const place = [a.city, a.region, a.postalCode]
    .filter((part) => part !== undefined && part !== "")
    .join(", ");
  const written = [a.name, a.line1, a.line2, place, a.country].filter(
    (part) => part !== undefined && part !== "",
  );
  return paragraph(`It goes to:\n${written.join("\n")}`);
}

const mail = (order: Order, shop: Shop, subject: string, body: readonly Block[]): Draft[] => [
  { to: order.email, subject, blocks: [hello(order), ...body, orderLink(order, shop), signature] },
];

export const confirmed = ({ order }: OrderChange, shop: Shop): Draft[] =>
  mail(order, shop, `Your order ${order.number}`, [
    paragraph(`thank you for your order ${order.number}. We tell you as soon as it is on its way.`),
    lines(order),
    totals(order),
    postal(order),
  ]);

export function shipped({ order }: OrderChange, shop: Shop): Draft[] {
  const { carrier = "", number = "" } = order.tracking ?? {};
  const tracking = [carrier, number].filter((part) => part !== "").join(", ");
  return mail(order, shop, `Your order ${order.number} is on its way`, [
    paragraph(`your order ${order.number} was shipped.`),
    ...(tracking === "" ? [] : [paragraph(`Tracking: ${tracking}`)]),
    lines(order),
    postal(order),
  ]);
}

export const cancelled = ({ order }: OrderChange, shop: Shop): Draft[] =>
  mail(order, shop, `Your order ${order.number} was cancelled`, [
    paragraph(
      `your order ${order.number} was cancelled. You are not charged; what was paid before goes back to you.`,
    ),
    lines(order),
  ]);

const newest = <T>(items: readonly T[], at: (item: T) => string): T | undefined =>
  items.toSorted((a, b) => (at(a) < at(b) ? 1 : -1))[0];

export function refunded({ order }: OrderChange, shop: Shop): Draft[] {
  const refund = newest(
    order.refunds.filter(({ status }) => status === "done"),
    ({ at }) => at,
  );
  const amount = price(refund?.amount ?? order.payment.refunded);
  return mail(order, shop, `A refund for your order ${order.number}`, [
    paragraph(`we sent ${amount} back to you. It may take some days until your bank shows it.`),
    ...(refund && refund.reason !== "" ? [paragraph(`Reason: ${refund.reason}`)] : []),
  ]);
}

const decisions: Readonly<Record<Order["returns"][number]["status"], string>> = {
  requested: "we have your wish to send something back.",
  approved: "you may send this back to us:",
  received: "this came back to us. The money is on its way to you:",
  refused: "we are sorry: we cannot take this back:",
};

export function returnDecided({ order }: OrderChange, shop: Shop): Draft[] {
  const decided = newest(order.returns, ({ decidedAt }) => decidedAt ?? "");
  if (!decided) return [];
  const named = decided.lines.map(({ sku, quantity }): [string, string] => [
    order.lines.find((line) => line.sku === sku)?.name ?? sku,
    String(quantity),
  ]);
  return mail(order, shop, `Your return of order ${order.number}`, [
    paragraph(decisions[decided.status]),
    table(named),
  ]);
}
