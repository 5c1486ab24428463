import orders from "./001-orders.ts";
import answers from "./002-answers.ts";
import fewerEntries from "./003-fewer-entries.ts";

export default [orders, answers, fewerEntries];
