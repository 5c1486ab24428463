import { Type, type Static } from "typebox";
import { wipeAction } from "../../contract/actor-actions.ts";
import { defineContract } from "../../contract/define.ts";
import {
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
  Time,
  Version,
} from "../../contract/shapes.ts";

const CartLine = shape({
  sku: Sku,
  productId: Id,
  slug: Type.String(),
  name: Line(400),
  image: nullable(Type.String()),
  quantity: Quantity,
  unitPrice: Money,
  total: Money,
  /** Units that inventory has left now; 0 also when the product is no longer sold. */
  available: Type.Integer({ minimum: 0 }),
});

const cart = {
  id: Id,
  status: oneOf("open", "converted", "merged"),
  currency: Currency,
  lines: Type.Array(CartLine),
  subtotal: Money,
  discount: Money,
  /** Null until country and method are known. */
  shipping: nullable(Money),
  /** Null until the country is known. */
  tax: nullable(Money),
  /** Without what is still null. */
  total: Money,
  coupon: Type.Optional(
    shape({ code: Line(40), applied: Type.Boolean(), reason: Type.Optional(Type.String()) }),
  ),
  country: nullable(Country),
  postalCode: nullable(Line(20)),
  shippingMethod: nullable(oneOf("standard", "express")),
  email: nullable(Email),
  version: Version,
  expiresAt: Time,
};
export const Cart = shape(cart);
export type Cart = Static<typeof Cart>;
/** What a merge or a look at the catalogue changed, in words for the shopper. */
const Notice = shape({
  sku: Sku,
  code: oneOf(
    "QUANTITY_CAPPED",
    "NO_LONGER_SOLD",
    "NOT_SOLD_IN_CURRENCY",
    "QUANTITIES_ADDED",
    "PRICE_CHANGED",
  ),
  message: Type.String(),
});

const cartErrors = { CART_NOT_FOUND: 404, CART_CLOSED: 409, VERSION_MISMATCH: 412 };
const holder = {
  auth: "holder",
  etag: "version",
  ifMatch: "optional",
  idempotencyKey: "optional",
  knowsRepeats: true,
  returns: Cart,
  idempotent: "keyed",
} as const;

export default defineContract("carts", {
  actions: {
    wipe: wipeAction,
    create: {
      summary: "Open a cart; a guest keeps its `secret`, a customer gets the open cart of the account",
      rest: "POST /carts",
      auth: "anyone",
      status: 201,
      otherwise: { status: 200, when: "The cart that was open already, of a customer who has one." },
      etag: "version",
      idempotencyKey: "optional",
      // A guest's second cart is nobody's: its secret never arrived.
      knowsRepeats: true,
      params: shape({ currency: Type.Optional(Currency) }),
      returns: shape({ ...cart, secret: Type.Optional(Type.String()) }),
      idempotent: "keyed",
      errors: { IDEMPOTENCY_KEY_TOO_SHORT: 400, CURRENCY_NOT_OFFERED: 422 },
    },
    mine: {
      summary: "The open cart of the account",
      rest: "GET /me/cart",
      fields: true,
      auth: "customer",
      etag: "version",
      params: shape({}),
      returns: Cart,
      idempotent: "read",
      errors: { CART_NOT_FOUND: 404 },
    },
    get: {
      summary: "A cart at today's prices and stock",
      rest: "GET /carts/:id",
      fields: true,
      auth: "holder",
      etag: "version",
      params: shape({ id: Id }),
      returns: Cart,
      idempotent: "read",
      errors: cartErrors,
    },
    update: {
      ...holder,
      summary: "Set country, postal code, shipping method or e-mail address",
      rest: "PATCH /carts/:id",
      params: shape({
        id: Id,
        country: Type.Optional(nullable(Country)),
        postalCode: Type.Optional(nullable(Line(20))),
        shippingMethod: Type.Optional(nullable(oneOf("standard", "express"))),
        email: Type.Optional(nullable(Email)),
      }),
      errors: { ...cartErrors, COUNTRY_NOT_SERVED: 422 },
    },
    setCurrency: {
      auth: "holder",
      ifMatch: "optional",
      idempotencyKey: "optional",
      idempotent: "keyed",
      summary:
        "Change the currency: every line at its price there, in one step; notices name what is not sold in it",
      rest: "POST /carts/:id/currency",
      params: shape({ id: Id, currency: Currency }),
      returns: shape({ cart: Cart, notices: Type.Array(Notice) }),
      errors: { ...cartErrors, CURRENCY_NOT_OFFERED: 422 },
    },
    addLine: {
      ...holder,
      summary: "Add units of a SKU; quantities of one SKU are summed",
      rest: "POST /carts/:id/lines",
      status: 201,
      params: shape({ id: Id, sku: Sku, quantity: Quantity }),
      errors: { ...cartErrors, SKU_NOT_FOUND: 422, OUT_OF_STOCK: 409, TOO_MANY_LINES: 422 },
    },
    setLine: {
      ...holder,
      summary: "Set the quantity of a line",
      rest: "PATCH /carts/:id/lines/:sku",
      params: shape({ id: Id, sku: Sku, quantity: Quantity }),
      errors: { ...cartErrors, LINE_NOT_FOUND: 404, OUT_OF_STOCK: 409 },
    },
    removeLine: {
      summary: "Take a line out",
      rest: "DELETE /carts/:id/lines/:sku",
      auth: "holder",
      etag: "version",
      ifMatch: "optional",
      returns: Cart,
      idempotent: "keyed",
      params: shape({ id: Id, sku: Sku }),
      errors: cartErrors,
    },
    applyCoupon: {
      ...holder,
      summary: "Use a coupon; a refusal says why",
      rest: "POST /carts/:id/coupon",
      params: shape({ id: Id, code: Line(40) }),
      errors: { ...cartErrors, COUPON_NOT_APPLICABLE: 422 },
    },
    removeCoupon: {
      summary: "Do without the coupon",
      rest: "DELETE /carts/:id/coupon",
      auth: "holder",
      etag: "version",
      ifMatch: "optional",
      returns: Cart,
      idempotent: "keyed",
      params: shape({ id: Id }),
      errors: cartErrors,
    },
    merge: {
      summary:
        "Merge a guest cart (by its secret) into the account's cart: quantities are added, capped by what is left",
      rest: "POST /carts/:id/merge",
      auth: "customer",
      idempotencyKey: "optional",
      params: shape({ id: Id }),
      returns: shape({ cart: Cart, notices: Type.Array(Notice) }),
      idempotent: "keyed",
      errors: { ...cartErrors, CURRENCY_MISMATCH: 409 },
    },

    /** Checks `meta` like every holder's action. */
    checkout: {
      summary: "What an order is made of; refused when the cart is closed or empty",
      params: shape({ id: Id }),
      returns: shape({
        id: Id,
        version: Version,
        currency: Currency,
        lines: Type.Array(shape({ sku: Sku, quantity: Quantity })),
        couponCode: nullable(Line(40)),
        email: nullable(Email),
        customerId: nullable(Id),
      }),
      idempotent: "read",
    },
  },
  events: {
    merged: {
      summary: "A guest cart went into an account's cart",
      payload: shape({ cartId: Id, into: Id, customerId: Id }),
    },
  },
  receives: ["orders.confirmed"],
});
