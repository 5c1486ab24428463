import stock from "./001-stock.ts";

export default [stock];
