import { Type, type Static } from "typebox";
import { nullable, shape } from "../contract/shapes.ts";
import type { Span } from "./span.ts";

const hex = (digits: number) => Type.String({ pattern: `^[0-9a-f]{${digits}}$` });
const Tag = Type.Union([Type.String({ maxLength: 400 }), Type.Number(), Type.Boolean()]);

/** A span as nodes hand it to the `metrics` actor. */
export const SpanRecord = shape({
  traceId: hex(32),
  requestId: Type.String({ maxLength: 64 }),
  id: hex(16),
  parentId: nullable(hex(16)),
  name: Type.String({ maxLength: 400 }),
  kind: Type.String({ maxLength: 20 }),
  actor: Type.String({ maxLength: 60 }),
  node: Type.String({ maxLength: 200 }),
  /** Milliseconds since 1970. */
  start: Type.Number(),
  /** Milliseconds. */
  duration: Type.Number(),
  error: nullable(Type.String({ maxLength: 80 })),
  tags: Type.Record(Type.String({ maxLength: 60 }), Tag),
  /** Why its trace is kept, as far as its node knows. */
  reason: Type.String({ maxLength: 20 }),
});
export type SpanRecord = Static<typeof SpanRecord>;

export const recordOf = (span: Span, node: string): SpanRecord => ({
  traceId: span.traceID,
  requestId: span.trace.requestID,
  id: span.id,
  parentId: span.parentID ?? null,
  name: span.name.slice(0, 400),
  kind: span.type,
  actor: span.actor,
  node,
  start: span.startTime,
  duration: Math.max(0, span.duration),
  error: span.error?.type ?? null,
  tags: span.tags ?? {},
  reason: span.trace.kept ?? "sampled",
});
