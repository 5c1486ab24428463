import stock from "./001-stock.ts";
import appliedAt from "./002-applied-at.ts";

export default [stock, appliedAt];
