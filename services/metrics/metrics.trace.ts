import { notFound } from "../../contract/errors.ts";
import type { Handler } from "../../contract/implement.ts";
import { decodeCursor, encodeCursor } from "../../mixins/cursor.ts";
import type { SpanRecord } from "../../tracing/record.ts";
import type { ActionMap } from "../contracts.ts";
import type { MetricsActor } from "./metrics.actor.ts";
import type contract from "./metrics.contract.ts";
import type { TraceHead, TraceSpan } from "./metrics.contract.ts";
import type { TraceRow } from "./metrics.traces.ts";

type Kept = ActionMap["metrics.kept"]["returns"];
type Ask = ActionMap["metrics.kept"]["params"];

/** Milliseconds that another node has to answer; one that does not is left out. */
const patience = 1500;
const pageSize = 50;

const headOf = (row: TraceRow): Kept["heads"][number] => ({
  requestId: row.request_id,
  traceId: row.trace_id,
  at: row.at,
  name: row.name,
  status: row.status,
  duration: row.duration,
  reason: row.reason,
  error: row.error,
});

export const kept: Handler<typeof contract, "kept", MetricsActor> = function ({ params }) {
  const { id, before, reason, limit = pageSize } = params;
  if (id === undefined)
    return { heads: this.traces.list(before ?? Number.MAX_VALUE, reason, limit).map(headOf), spans: [] };
  const { row, spans } = this.traces.find(id);
  return { heads: row ? [headOf(row)] : [], spans };
};

/** Each node that runs this actor got a part of the traces. */
async function askAll(actor: MetricsActor, params: Ask): Promise<Kept[]> {
  const { broker } = actor;
  const nodes = broker.registry
    .getServiceList({ onlyAvailable: true })
    .filter(({ name }) => name === actor.name)
    .map(({ nodeID }) => nodeID);
  const answers = await Promise.all(
    nodes.map((nodeID) =>
      broker.call<Kept, Ask>("metrics.kept", params, { nodeID, timeout: patience }).catch(() => undefined),
    ),
  );
  return answers.filter((answer) => answer !== undefined);
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
const shown = (head: Kept["heads"][number]): TraceHead => ({
  ...head,
  duration: rounded(head.duration),
  at: new Date(head.at).toISOString(),
});

export const traces: Handler<typeof contract, "traces", MetricsActor> = async function ({ params }) {
  const { reason, limit = pageSize, cursor } = params;
  const before = cursor === undefined ? undefined : (decodeCursor(cursor, ["number"])[0] as number);
  const ask: Ask = { limit: limit + 1, ...(reason && { reason }), ...(before !== undefined && { before }) };
  const heads = (await askAll(this, ask)).flatMap((answer) => answer.heads);
  // Nodes on one folder answer with the same traces.
  const all = [...new Map(heads.map((head) => [`${head.traceId} ${head.requestId}`, head])).values()];
  all.sort((a, b) => b.at - a.at);
  const page = all.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map(shown),
    page: { next: all.length > limit && last ? encodeCursor([last.at]) : null },
  };
};

const spanFrom =
  (begin: number) =>
  ({ id, parentId, name, kind, actor, node, start, duration, error, tags }: SpanRecord): TraceSpan => ({
    id,
    parentId,
    name,
    kind,
    actor,
    node,
    start: rounded(start - begin),
    duration: rounded(duration),
    error,
    tags,
  });

export const trace: Handler<typeof contract, "trace", MetricsActor> = async function ({ params: { id } }) {
  const first = await askAll(this, { id });
  const head = first.flatMap(({ heads }) => heads)[0];
  if (head === undefined) throw notFound("trace");
  // The node that knows the request need not have all the spans.
  const all = [...first, ...(head.traceId === id ? [] : await askAll(this, { id: head.traceId }))];
  const spans = [...new Map(all.flatMap((answer) => answer.spans).map((span) => [span.id, span])).values()];
  spans.sort((a, b) => a.start - b.start);
  const begin = spans[0]?.start ?? head.at;
  return { ...shown(head), spans: spans.map(spanFrom(begin)) };
};
