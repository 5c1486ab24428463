import { Readable } from "node:stream";
import type { Handler } from "../../contract/implement.ts";
import type { PaymentsActor } from "./payments.actor.ts";
import type contract from "./payments.contract.ts";
import { paymentNotFound, webhookInvalid } from "./payments.errors.ts";
import type { Charge } from "./payments.provider.ts";
import { orderPage } from "./payments.origin.ts";

const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] as string);

/** A whole page of plain HTML: the gateway's policy lets no inline script or style through. */
const page = (title: string, body: string): Readable =>
  Readable.from([
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>` +
      `<meta name="viewport" content="width=device-width, initial-scale=1"></head>` +
      `<body><main><h1>${escape(title)}</h1>${body}</main></body></html>`,
  ]);

const amountOf = ({ amount, currency }: Charge): string => {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
};

const returnUrl = (actor: PaymentsActor, { orderId }: Charge): string => orderPage(actor, orderId);

const backLink = (actor: PaymentsActor, charge: Charge): string =>
  `<p><a href="${escape(returnUrl(actor, charge))}">Back to the shop</a></p>`;

function ask(actor: PaymentsActor, charge: Charge): Readable {
  if (charge.status !== "requires_action")
    return page(
      "This payment is decided",
      `<p>It is ${escape(charge.status)}.</p>${backLink(actor, charge)}`,
    );
  return page(
    "Confirm your payment",
    `<p>Test provider: no money moves.</p><p>Pay <strong>${escape(amountOf(charge))}</strong>?</p>` +
      `<form method="post" action="/api/v1/payments/test/${escape(charge.id)}/form">` +
      `<button name="approve" value="true">Approve</button> ` +
      `<button name="approve" value="false">Decline</button></form>`,
  );
}

/** Where a shopper whose bank wants a word is sent. */
export const testPage: Handler<typeof contract, "testPage", PaymentsActor> = async function (ctx) {
  const charge = await this.testProvider?.chargeOf(ctx.params.id);
  if (!charge) throw paymentNotFound();
  return ask(this, charge);
};

async function decide(actor: PaymentsActor, id: string, approve: boolean): Promise<Charge> {
  const charge = await actor.testProvider?.decide(id, approve);
  if (!charge) throw paymentNotFound();
  return charge;
}

export const testDecide: Handler<typeof contract, "testDecide", PaymentsActor> = async function (ctx) {
  const { id, approve } = ctx.params;
  const charge = await decide(this, id, approve);
  return { status: charge.status, returnUrl: returnUrl(this, charge) };
};

/** The page's own form, which works without a script. */
export const testForm: Handler<typeof contract, "testForm", PaymentsActor> = async function (ctx) {
  const approve = new URLSearchParams(ctx.meta.webhook?.raw ?? "").get("approve");
  if (approve !== "true" && approve !== "false") throw webhookInvalid();
  const charge = await decide(this, ctx.params.id, approve === "true");
  const title = charge.status === "authorized" ? "Payment approved" : "Payment declined";
  return page(title, backLink(this, charge));
};
