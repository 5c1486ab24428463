import { Type, type Static } from "typebox";
import { defineContract } from "../../contract/define.ts";
import { nullable, shape, Time } from "../../contract/shapes.ts";
import { SpanRecord } from "../../tracing/record.ts";

/** A request id as clients may give it, or the id of a trace. */
const TraceKey = Type.String({ maxLength: 64, pattern: "^[A-Za-z0-9_-]{8,64}$" });
const Reason = Type.Union(
  [Type.Literal("error"), Type.Literal("refused"), Type.Literal("slow"), Type.Literal("sampled")],
  { description: "Why it is kept" },
);

const TraceHead = shape({
  requestId: Type.String(),
  traceId: Type.String(),
  at: Time,
  /** The route's template, or the work that nobody asked for. */
  name: Type.String(),
  status: nullable(Type.Integer()),
  /** Milliseconds. */
  duration: Type.Number(),
  reason: Type.String(),
  error: nullable(Type.String()),
});
export type TraceHead = Static<typeof TraceHead>;

const TraceSpan = shape({
  id: Type.String(),
  parentId: nullable(Type.String()),
  name: Type.String(),
  kind: Type.String(),
  actor: Type.String(),
  node: Type.String(),
  /** Milliseconds since the trace began. */
  start: Type.Number(),
  duration: Type.Number(),
  error: nullable(Type.String()),
  tags: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
});
export type TraceSpan = Static<typeof TraceSpan>;

export default defineContract("metrics", {
  actions: {
    page: {
      summary: "The cluster's page of Prometheus figures; empty where METRICS_PORT is not set",
      params: shape({}),
      returns: shape({ type: Type.String(), body: Type.String() }),
      idempotent: "read",
      timeout: 5000,
    },
    keep: {
      summary: "Take spans of kept traces; best effort",
      params: shape({ spans: Type.Array(SpanRecord, { maxItems: 500 }) }),
      returns: Type.Null(),
      idempotent: "keyed",
    },
    kept: {
      summary: "What this very node keeps: a trace with its spans, or the newest heads",
      params: shape({
        id: Type.Optional(TraceKey),
        before: Type.Optional(Type.Number()),
        reason: Type.Optional(Reason),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 101 })),
      }),
      returns: shape({
        heads: Type.Array(shape({ ...TraceHead.properties, at: Type.Number() })),
        spans: Type.Array(SpanRecord),
      }),
      idempotent: "read",
    },
    traces: {
      summary: "The newest traces that were kept: of requests that failed, were refused, slow or sampled",
      rest: "GET /admin/traces",
      auth: { permission: "cluster:read" },
      params: shape({
        reason: Type.Optional(Reason),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
        cursor: Type.Optional(Type.String({ maxLength: 200 })),
      }),
      returns: shape({
        data: Type.Array(TraceHead),
        page: shape({ next: nullable(Type.String()) }),
      }),
      idempotent: "read",
      timeout: 5000,
    },
    trace: {
      summary: "The kept trace of a request, by the request id that its answer showed",
      rest: "GET /admin/traces/:id",
      auth: { permission: "cluster:read" },
      params: shape({ id: TraceKey }),
      returns: shape({ ...TraceHead.properties, spans: Type.Array(TraceSpan) }),
      idempotent: "read",
      timeout: 5000,
      errors: { TRACE_NOT_FOUND: 404 },
    },
  },
});
