import payments from "./001-payments.ts";
import stripe from "./002-stripe.ts";

export default [payments, stripe];
