import { Type, type Static } from "typebox";
import {
  Address,
  Country,
  Currency,
  Email,
  Id,
  Line,
  Money,
  nullable,
  oneOf,
  Quantity,
  shape,
  Sku,
  Text,
  Time,
  Version,
} from "../../contract/shapes.ts";

export const OrderStatus = oneOf(
  "pending",
  "confirmed",
  "packed",
  "shipped",
  "delivered",
  "cancelled",
  "rejected",
  "expired",
  "returned",
);
export type OrderStatus = Static<typeof OrderStatus>;
export const ReturnStatus = oneOf("requested", "approved", "received", "refused");
export type ReturnStatus = Static<typeof ReturnStatus>;
export const ShippingMethodId = oneOf("standard", "express");

const Units = Type.Integer({ minimum: 0 });

export const OrderLine = shape({
  sku: Sku,
  productId: Id,
  name: Line(400),
  quantity: Quantity,
  unitPrice: Money,
  total: Money,
  /** Units that came back. */
  returned: Units,
  /** Money given back for this line. */
  refunded: Money,
});
export type OrderLine = Static<typeof OrderLine>;

export const Return = shape({
  id: Id,
  orderId: Id,
  status: ReturnStatus,
  lines: Type.Array(shape({ sku: Sku, quantity: Quantity })),
  reason: Text(2000),
  requestedAt: Time,
  decidedAt: nullable(Time),
  refundId: nullable(Id),
  version: Version,
});
export type Return = Static<typeof Return>;

export const Refund = shape({
  id: Id,
  amount: Money,
  reason: Line(500, 0),
  status: oneOf("pending", "done", "failed"),
  returnId: nullable(Id),
  at: Time,
});
export type Refund = Static<typeof Refund>;

export const OrderPayment = shape({
  status: oneOf(
    "none",
    "requires_action",
    "pending",
    "authorized",
    "captured",
    "partially_refunded",
    "refunded",
    "voided",
    "failed",
  ),
  provider: Line(40),
  authorized: Money,
  captured: Money,
  refunded: Money,
  nextAction: Type.Optional(shape({ type: Type.Literal("redirect"), url: Type.String() })),
});
export type OrderPayment = Static<typeof OrderPayment>;

export const OrderEvent = shape({ version: Version, type: Line(60), at: Time, data: Type.Unknown() });
export type OrderEvent = Static<typeof OrderEvent>;

export const order = {
  id: Id,
  /** For people; grows, with gaps. */
  number: Type.String({ maxLength: 20, pattern: "^[A-Z0-9-]{4,20}$" }),
  status: OrderStatus,
  currency: Currency,
  email: Email,
  customerId: nullable(Id),
  lines: Type.Array(OrderLine),
  subtotal: Money,
  discount: Money,
  shipping: Money,
  tax: Money,

  /** Tax that the prices and the shipping contain; no part of the sum. */
  includedTax: Money,
  total: Money,
  couponCode: nullable(Line(40)),
  shippingMethod: ShippingMethodId,
  returns: Type.Array(Return),
  refunds: Type.Array(Refund),
  payment: OrderPayment,
  shippingAddress: Address,
  /** Set once shipped. */
  tracking: nullable(shape({ carrier: Line(120, 0), number: Line(120, 0) })),
  placedAt: Time,
  updatedAt: Time,
  version: Version,
  events: Type.Array(OrderEvent),
};
export const Order = shape(order);
export type Order = Static<typeof Order>;

/** What lists show. */
export const OrderSummary = shape({
  id: Id,
  number: Type.String(),
  status: OrderStatus,
  email: Email,
  customerId: nullable(Id),
  total: Money,
  units: Units,
  placedAt: Time,
  version: Version,
});
export type OrderSummary = Static<typeof OrderSummary>;

/** A row of the export: an order without its history. */
export const ExportedOrder = shape({
  ...OrderSummary.properties,
  subtotal: Money,
  discount: Money,
  shipping: Money,
  tax: Money,
  couponCode: nullable(Line(40)),
  shippingMethod: ShippingMethodId,
  paymentStatus: OrderPayment.properties.status,
  shippingAddress: Address,
  updatedAt: Time,
  lines: Type.Array(OrderLine, { maxItems: 1000 }),
});

export const Coupon = shape({
  code: Line(40),
  kind: oneOf("percent", "amount", "free_shipping"),
  /** Percent 1 to 100, or minor units; 0 for free shipping. */
  value: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
  currency: nullable(Currency),
  maxUses: nullable(Units),
  maxUsesPerCustomer: nullable(Units),
  validFrom: nullable(Time),
  validUntil: nullable(Time),
  uses: Units,
  active: Type.Boolean(),
  version: Version,
});
export type Coupon = Static<typeof Coupon>;

/** Figures of one day; money in minor units of `currency`. */
export const Days = shape({
  day: Type.String(),
  currency: Currency,
  orders: Type.Integer(),
  revenue: Type.Integer(),
  refunds: Type.Integer(),
  units: Type.Integer(),
});

export const ShippingMethod = shape({
  id: ShippingMethodId,
  name: Line(120),
  price: Money,
  minDays: Type.Integer(),
  maxDays: Type.Integer(),
});
export type ShippingMethod = Static<typeof ShippingMethod>;

/** Priced lines of a quote; prices come from the catalogue. */
export const QuoteLine = shape({ sku: Sku, quantity: Quantity, unitPrice: Money });

export const Quote = shape({
  subtotal: Money,
  discount: Money,
  shipping: nullable(Money),
  tax: nullable(Money),
  /** Tax that the prices and the shipping contain; no part of the sum. */
  includedTax: nullable(Money),
  total: Money,
  coupon: nullable(shape({ code: Line(40), applied: Type.Boolean(), reason: Type.Optional(Type.String()) })),
});
export type Quote = Static<typeof Quote>;

export const QuoteQuestion = shape({
  currency: Currency,
  lines: Type.Array(QuoteLine, { maxItems: 1000 }),
  couponCode: Type.Optional(Line(40)),
  country: Type.Optional(Country),
  postalCode: Type.Optional(Line(20)),
  shippingMethod: Type.Optional(ShippingMethodId),
  /** Account id, or the e-mail address of a guest: for limits per customer. */
  customer: Type.Optional(Line(254)),
});
