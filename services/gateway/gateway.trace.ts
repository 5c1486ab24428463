import type { ServiceBroker } from "moleculer";
import { runIn } from "../../tracing/current.ts";
import { parseTraceParent } from "../../tracing/ids.ts";
import { tracesOf } from "../../tracing/traces-of.ts";
import type { Exchange } from "./gateway.types.ts";

export interface RequestTracer {
  /** Runs a request in a span of its own; what went wrong on the way is noted by `failed`. */
  run(exchange: Exchange, work: () => Promise<void>): Promise<void>;
}

const untraced: RequestTracer = { run: (_exchange, work) => work() };

/**
 * Begins the trace of each request of the API, or goes on with the client's (`traceparent`), and decides at its end whether
 * anybody gets to see it. Neither path, query, headers nor address of the client are noted: the route's template is enough.
 */
export function requestTracer(broker: ServiceBroker): RequestTracer {
  const traces = tracesOf(broker);
  if (traces === undefined) return untraced;
  return {
    async run(exchange, work) {
      const { req, res } = exchange;
      const parent = parseTraceParent(req.headers["traceparent"]);
      const span = traces.begin("request", "no route", "gateway", exchange.id, parent);
      exchange.span = span;
      span.trace.enter(span);
      try {
        await runIn(span, work);
      } finally {
        span.name = exchange.plan?.label ?? "no route";
        span.note("http.response.status_code", res.statusCode);
        span.note("request.id", exchange.id);
        span.end();
        traces.decide(span, res.statusCode);
      }
    },
  };
}
