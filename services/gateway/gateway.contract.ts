import { Type } from "typebox";
import { defineContract } from "../../contract/define.ts";
import { Line, nullable, shape, Time } from "../../contract/shapes.ts";

const Parked = shape({
  actor: Line(60),
  id: Type.String(),
  event: Line(80),
  subscriber: Line(60),
  entity: Type.String(),
  attempts: Type.Integer(),
  error: nullable(Type.String()),
  at: Time,
});
const Node = shape({
  id: Type.String(),
  local: Type.Boolean(),
  available: Type.Boolean(),
  version: Type.String(),
  cpu: nullable(Type.Number()),
  /** Seconds. */
  uptime: nullable(Type.Number()),
  /** Milliseconds to the node and back; null for one that did not answer. */
  latency: nullable(Type.Number()),
  services: Type.Array(Type.String()),
});

export default defineContract("gateway", {
  actions: {
    parked: {
      summary: "Messages that were given up after their last try, of every actor",
      rest: "GET /admin/parked",
      auth: { permission: "cluster:read" },
      params: shape({}),
      returns: shape({ data: Type.Array(Parked) }),
      idempotent: "read",
      timeout: 5000,
    },
    resend: {
      summary: "Try a parked message again",
      rest: "POST /admin/parked/:actor/:id/resend",
      auth: { permission: "cluster:write" },
      params: shape({
        actor: Type.String({ maxLength: 30, pattern: "^[a-z]{2,30}$" }),
        id: Type.String({ maxLength: 60 }),
      }),
      returns: shape({ resent: Type.Boolean() }),
      idempotent: "keyed",
      errors: { PARKED_NOT_FOUND: 404 },
    },
    cluster: {
      summary: "Nodes, their services, queue lag of every actor, the search indexes",
      rest: "GET /admin/cluster",
      auth: { permission: "cluster:read" },
      params: shape({}),
      returns: shape({
        nodes: Type.Array(Node),
        queues: Type.Array(
          shape({
            actor: Line(60),
            queued: Type.Integer(),
            pending: Type.Integer(),
            oldestSeconds: Type.Number(),
            parked: Type.Integer(),
          }),
        ),
        search: nullable(
          shape({
            ready: Type.Boolean(),
            products: Type.Integer(),
            builtAt: nullable(Time),
            age: Type.Integer(),
            bytes: Type.Integer(),
          }),
        ),
      }),
      idempotent: "read",
      timeout: 5000,
    },
  },
});
