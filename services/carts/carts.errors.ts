import { notFound, refuse } from "../../contract/errors.ts";

export const cartNotFound = () => notFound("cart");
export const lineNotFound = () => notFound("line");

export const cartClosed = () => refuse(409, "CART_CLOSED", "This cart was ordered or merged already.");
export const cartEmpty = () => refuse(422, "CART_EMPTY", "The cart is empty.");

export const versionMismatch = (version: number) =>
  refuse(412, "VERSION_MISMATCH", "The cart was changed meanwhile. Read it again and repeat.", { version });

const invalid = (code: string, pointer: string, message: string) =>
  refuse(422, code, message, { errors: [{ pointer, message }] });

export const skuNotFound = () =>
  invalid("SKU_NOT_FOUND", "/sku", "This is not sold, or not in this currency.");
export const tooManyLines = () => invalid("TOO_MANY_LINES", "/sku", "A cart has at most 1,000 lines.");
export const tooManyUnits = () =>
  invalid("VALIDATION_ERROR", "/quantity", "At most 100,000 units of one line.");
export const currencyNotOffered = () =>
  invalid("CURRENCY_NOT_OFFERED", "/currency", "Nothing is sold in this currency.");

export const currencyMismatch = (guest: string, own: string) =>
  refuse(409, "CURRENCY_MISMATCH", `A cart in ${guest} cannot go into a cart in ${own}.`);

export const outOfStock = (sku: string, requested: number, available: number) =>
  refuse(409, "OUT_OF_STOCK", "Fewer units are left.", { items: [{ sku, requested, available }] });

export const couponNotApplicable = (reason: string) =>
  refuse(422, "COUPON_NOT_APPLICABLE", reason, { reason, errors: [{ pointer: "/code", message: reason }] });

/** A guest's key is all that tells two guests apart, so it must not be guessed. */
export const keyTooShort = () =>
  refuse(
    400,
    "IDEMPOTENCY_KEY_TOO_SHORT",
    "A guest who opens a cart needs an Idempotency-Key of 22 characters or more.",
  );
