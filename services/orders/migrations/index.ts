import orders from "./001-orders.ts";

export default [orders];
