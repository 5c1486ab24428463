import payments from "./001-payments.ts";

export default [payments];
