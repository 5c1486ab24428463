import payments from "./001-payments.ts";
import stripe from "./002-stripe.ts";
import attemptsByOrder from "./003-attempts-by-order.ts";

export default [payments, stripe, attemptsByOrder];
