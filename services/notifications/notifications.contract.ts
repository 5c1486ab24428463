import { Type, type Static } from "typebox";
import { wipeAction } from "../../contract/actor-actions.ts";
import { defineContract } from "../../contract/define.ts";
import { Email, Id, Line, nullable, oneOf, page, paging, shape, Time } from "../../contract/shapes.ts";

export const Mail = shape({
  id: Id,
  to: Email,
  template: Line(60),
  subject: Line(300),
  text: Type.String(),
  status: oneOf("pending", "sent", "written", "failed"),
  attempts: Type.Integer(),
  error: nullable(Type.String()),
  createdAt: Time,
  sentAt: nullable(Time),
});
export type Mail = Static<typeof Mail>;

export default defineContract("notifications", {
  actions: {
    wipe: wipeAction,
    mails: {
      summary: "Mails, newest first; without SMTP_URL they are written to the data folder and read here",
      rest: "GET /admin/mails",
      auth: { permission: "mails:read" },
      params: shape({
        ...paging,
        to: Type.Optional(Email),
        status: Type.Optional(oneOf("pending", "sent", "written", "failed")),
        sort: Type.Optional(oneOf("createdAt", "-createdAt")),
      }),
      returns: page(Mail),
      idempotent: "read",
    },
    mail: {
      summary: "One mail",
      rest: "GET /admin/mails/:id",
      auth: { permission: "mails:read" },
      params: shape({ id: Id }),
      returns: Mail,
      idempotent: "read",
      errors: { MAIL_NOT_FOUND: 404 },
    },
    resendMail: {
      summary: "Send a mail again",
      rest: "POST /admin/mails/:id/resend",
      auth: { permission: "customers:write" },
      params: shape({ id: Id }),
      returns: Mail,
      idempotent: false,
      errors: { MAIL_NOT_FOUND: 404 },
    },
  },
  receives: [
    "users.registered",
    "users.emailChanged",
    "users.passwordForgotten",
    "users.passwordChanged",
    "orders.confirmed",
    "orders.shipped",
    "orders.cancelled",
    "orders.refunded",
    "orders.returnDecided",
    "webhooks.endpointDisabled",
  ],
});
