import orders from "./001-orders.ts";
import answers from "./002-answers.ts";
import linesByOrder from "./003-lines-by-order.ts";

export default [orders, answers, linesByOrder];
