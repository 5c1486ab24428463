import { notFound, refuse } from "../../contract/errors.ts";

export interface Shortage {
  sku: string;
  requested: number;
  available: number;
}

/** Names each short SKU and what is left of it. */
export const outOfStock = (items: Shortage[]) =>
  refuse(409, "OUT_OF_STOCK", "Some of it is no longer in stock.", { items });

export const skuNotFound = () => notFound("sku");

export const stockBelowReserved = (onHand: number, reserved: number) =>
  refuse(409, "STOCK_BELOW_RESERVED", "Fewer units would be left than are held for orders.", {
    onHand,
    reserved,
  });

/** The hold was given back before, so the order cannot take it again. */
export const holdClosed = () => refuse(409, "HOLD_CLOSED", "The hold of this order was given back.");
