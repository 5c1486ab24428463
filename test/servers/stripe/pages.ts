import type { Form } from "./form.ts";
import { textAt } from "./form.ts";
import type { Ledger } from "./ledger.ts";
import { StripeProblem, type Session } from "./objects.ts";

export interface Page {
  status: number;
  html?: string;
  location?: string;
}

const document = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`;

const choices = {
  pm_card_visa: "Pay",
  pm_card_chargeDeclined: "Pay with a card that is declined",
  pm_card_authenticationRequired: "Pay with a card that needs the bank",
};

const buttons = Object.entries(choices)
  .map(([card, label]) => `<button name="card" value="${card}">${label}</button>`)
  .join("");

const payPage = (session: Session, problem = ""): string =>
  document(
    "Stripe",
    `<p>${session.amount_total} ${session.currency}</p><p role="alert">${problem}</p>
    <form method="post">${buttons}</form><a href="${session.cancel_url}">Back</a>`,
  );

/** Stripe's own pages: the hosted checkout, and the bank's question behind it. */
export function pageOf(ledger: Ledger, method: string, path: string, body: Form): Page | undefined {
  const [, first, second, third] = path.split("/");
  if (first === "c" && second === "pay") return hosted(ledger, ledger.session(third ?? ""), method, body);
  if (first !== "3ds") return undefined;
  const intent = ledger.intent(second ?? "");
  if (method === "POST")
    return { status: 303, location: ledger.authenticate(intent, textAt(body, "approve") === "true") };
  const form = `<form method="post"><button name="approve" value="true">Approve</button><button name="approve" value="false">Decline</button></form>`;
  return { status: 200, html: document("Your bank", form) };
}

function hosted(ledger: Ledger, session: Session, method: string, body: Form): Page {
  if (session.status !== "open") return { status: 410, html: document("This page is closed", "") };
  if (method === "GET") return { status: 200, html: payPage(session) };
  const intent =
    session.payment_intent === null
      ? ledger.newIntent({ amount: session.amount_total, currency: session.currency, ...session.intent_data })
      : ledger.intent(session.payment_intent);
  session.payment_intent = intent.id;
  try {
    ledger.confirm(intent, textAt(body, "card") ?? "", session.success_url);
  } catch (error) {
    if (!(error instanceof StripeProblem)) throw error;
    return { status: 402, html: payPage(session, error.message) };
  }
  const bank = intent.next_action?.redirect_to_url.url;
  return { status: 303, location: bank ?? session.success_url };
}
