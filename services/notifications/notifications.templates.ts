import type { EventMap } from "../contracts.ts";
import { link, paragraph, type Block } from "./notifications.blocks.ts";
import { cancelled, confirmed, refunded, returnDecided, shipped } from "./notifications.order-mails.ts";

/** A mail before it is laid out. */
export interface Draft {
  to: string;
  subject: string;
  blocks: readonly Block[];
}

/** What the templates know of the store. */
export interface Shop {
  /** Where shoppers reach it, without a slash at the end. */
  url: string;
  /** The secret part of a link that only its reader may follow. */
  mailToken(purpose: "reset" | "verify", id: string): string;
  orderSecret(orderId: string): string;
}

const signature = paragraph("Valence");
const greeting = (name: string): Block => paragraph(name === "" ? "Hello," : `Hello ${name},`);

const verification = (shop: Shop, to: string, name: string, id: string): Draft => ({
  to,
  subject: "Please confirm your e-mail address",
  blocks: [
    greeting(name),
    paragraph("please confirm that this is your e-mail address. The link works for 7 days."),
    link("Confirm the address", `${shop.url}/verify?token=${shop.mailToken("verify", id)}`),
    paragraph("If you did not ask for an account, you need not do anything."),
    signature,
  ],
});

const notYou = (shop: Shop): Block =>
  link("If this was not you, set a new password at once", `${shop.url}/forgot`);

/** The mails of each durable event that notifications receives: pure functions of the event and the store. */
export const templates = {
  "users.registered": ({ email, name, verificationId }: EventMap["users.registered"], shop: Shop) => [
    verification(shop, email, name, verificationId),
  ],
  "users.emailChanged": (event: EventMap["users.emailChanged"], shop: Shop) => [
    verification(shop, event.email, event.name, event.verificationId),
    {
      to: event.previousEmail,
      subject: "Your e-mail address was changed",
      blocks: [
        greeting(event.name),
        paragraph("your account has another e-mail address now; this one is no longer used."),
        notYou(shop),
        signature,
      ],
    },
  ],
  "users.passwordForgotten": ({ email, resetId }: EventMap["users.passwordForgotten"], shop: Shop) => [
    {
      to: email,
      subject: "Set a new password",
      blocks: [
        greeting(""),
        paragraph(
          "somebody, most likely you, asked for a new password. The link works once, within an hour.",
        ),
        link("Set a new password", `${shop.url}/reset?token=${shop.mailToken("reset", resetId)}`),
        paragraph("If it was not you, you need not do anything: your password stays as it is."),
        signature,
      ],
    },
  ],
  "users.passwordChanged": ({ email }: EventMap["users.passwordChanged"], shop: Shop) => [
    {
      to: email,
      subject: "Your password was changed",
      blocks: [
        greeting(""),
        paragraph("the password of your account was changed. Other devices were signed out."),
        notYou(shop),
        signature,
      ],
    },
  ],
  "orders.confirmed": confirmed,
  "orders.shipped": shipped,
  "orders.cancelled": cancelled,
  "orders.refunded": refunded,
  "orders.returnDecided": returnDecided,
  "webhooks.endpointDisabled": (
    { id, url, reason, email }: EventMap["webhooks.endpointDisabled"],
    shop: Shop,
  ) => [
    {
      to: email,
      subject: "A webhook endpoint was switched off",
      blocks: [
        greeting(""),
        paragraph(
          reason === "gone"
            ? `the endpoint ${url} answered 410 Gone, so nothing is sent to it any more.`
            : `the endpoint ${url} took nothing for three days, so nothing is sent to it any more.`,
        ),
        paragraph(
          "Events are kept for 30 days. Once the receiver works again, switch the endpoint on and have the events since then sent again.",
        ),
        link("Endpoint and its deliveries", `${shop.url}/admin/webhooks/${id}`),
        signature,
      ],
    },
  ],
} satisfies { [E in keyof EventMap]?: (payload: EventMap[E], shop: Shop) => Draft[] };

export type Notified = keyof typeof templates;
