import { Type, type Static } from "typebox";
import { defineContract } from "../../contract/define.ts";
import { Id, Line, nullable, oneOf, page, paging, shape, Time } from "../../contract/shapes.ts";

/** What every actor's outbox sends for a privileged change. */
export const AuditEntry = shape({
  id: Id,
  at: Time,
  /** Account or API key id, `guest`, or the name of an actor. */
  by: Type.String({ maxLength: 120 }),
  ip: nullable(Type.String({ maxLength: 60 })),
  action: Line(80),
  entity: Line(60),
  entityId: Type.String({ maxLength: 120 }),
  before: Type.Unknown(),
  after: Type.Unknown(),
});
export type AuditEntry = Static<typeof AuditEntry>;

export default defineContract("audit", {
  actions: {
    list: {
      summary: "Who changed what, newest first",
      rest: "GET /admin/audit",
      fields: true,
      auth: { permission: "audit:read" },
      params: shape({
        ...paging,
        entity: Type.Optional(Line(60)),
        entityId: Type.Optional(Line(120)),
        by: Type.Optional(Line(120)),
        action: Type.Optional(Line(80)),
        from: Type.Optional(Time),
        to: Type.Optional(Time),
        sort: Type.Optional(oneOf("at", "-at")),
      }),
      returns: page(AuditEntry),
      idempotent: "read",
    },
  },
  events: {
    entry: { summary: "A privileged change; written by every actor's `tx.audit`", payload: AuditEntry },
  },
  receives: ["audit.entry"],
});
