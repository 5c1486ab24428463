import stock from "./001-stock.ts";
import appliedAt from "./002-applied-at.ts";
import changesByLog from "./003-changes-by-log.ts";

export default [stock, appliedAt, changesByLog];
