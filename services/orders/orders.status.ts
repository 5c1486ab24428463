import type { OrderStatus, ReturnStatus } from "./orders.shapes.ts";

/** The chart of an order's life: from each status the ones that may follow. */
export const orderMoves: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending: ["confirmed", "rejected", "expired"],
  confirmed: ["packed", "shipped", "cancelled"],
  packed: ["shipped", "cancelled"],
  shipped: ["delivered", "returned"],
  delivered: ["returned"],
  cancelled: [],
  rejected: [],
  expired: [],
  returned: [],
};

export const returnMoves: Readonly<Record<ReturnStatus, readonly ReturnStatus[]>> = {
  requested: ["approved", "refused"],
  approved: ["received", "refused"],
  received: [],
  refused: [],
};

export const mayMove = (from: OrderStatus, to: OrderStatus): boolean => orderMoves[from].includes(to);
export const mayMoveReturn = (from: ReturnStatus, to: ReturnStatus): boolean =>
  returnMoves[from].includes(to);

/** The order still needs the units that it holds. */
export const holdsStock = (status: OrderStatus): boolean =>
  status === "pending" || status === "confirmed" || status === "packed";

/** The goods are with the shopper, so lines may come back. */
export const isReturnable = (status: OrderStatus): boolean => status === "shipped" || status === "delivered";
