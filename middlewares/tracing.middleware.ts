import type { Context, Middleware, ServiceBroker, ServiceSchema } from "moleculer";
import { statusOf } from "../contract/errors.ts";
import { contextOf } from "../mixins/context.ts";
import { TraceBook } from "../tracing/book.ts";
import { currentSpan, runIn } from "../tracing/current.ts";
import { ended, type Span } from "../tracing/span.ts";
import { setTraces } from "../tracing/traces-of.ts";
import { defineMiddleware, type Next, type Wrap } from "./define-middleware.ts";

/** How a node tells the others which traces are worth keeping. */
const KEEP = "traces.keep";
/** Milliseconds in which such words are gathered. */
const tellEvery = 100;
/** Traces held for a late word: the last second or so of a busy node. */
const held = 500;
/** The gateway's own span is the request's; and who keeps spans makes none. */
const without = new Set(["gateway.rest", "metrics.keep"]);

const actorOf = (action: string): string => action.slice(0, action.indexOf("."));

/** Gathers ids and broadcasts them together. */
function teller(broker: ServiceBroker): (traceID: string) => void {
  let waiting: string[] = [];
  return (traceID) => {
    if (waiting.length === 0)
      setTimeout(() => {
        const ids = waiting;
        waiting = [];
        broker.broadcast(KEEP, { ids }).catch(() => undefined);
      }, tellEvery).unref();
    waiting.push(traceID);
  };
}

const listener = (book: TraceBook): ServiceSchema => ({
  name: "$traces",
  events: {
    [KEEP]: (ctx: Context<{ ids: string[] }>) => ctx.params.ids.forEach((id) => book.keep(id)),
  },
});

/** A call's span on its context, so that calls from there find it; `ctx.span` is for Moleculer's own spans alone. */
const here = Symbol("span");
interface Traced {
  [here]?: Span;
  options: { parentCtx?: { [here]?: Span } };
}

const parentOf = (ctx: Context): Span | undefined =>
  (ctx as unknown as Traced).options.parentCtx?.[here] ?? currentSpan();

/** Works a call in its span. */
function follow(next: Next, ctx: Context, span: Span): Promise<unknown> {
  (ctx as unknown as Traced)[here] = span;
  span.trace.enter(span);
  return ended(span, next(ctx));
}

/**
 * A span for every call that this node works or asks of another, at the price of one small object: whether anybody ever
 * sees it is decided at the end of the request (services/gateway/gateway.trace.ts). Stands in the place of Moleculer's own
 * middleware, which makes far costlier spans with all params in their tags; its tracer and exporters get what is kept.
 */
export function tracing(broker: ServiceBroker): Middleware {
  const { config } = contextOf(broker);
  if (config.tracing === undefined) return { name: "Traces" };
  const alone = config.transporter === undefined;
  const book = new TraceBook({
    emit: (span) => broker.tracer.invokeExporter("spanFinished", [span]),
    tell: alone ? () => undefined : teller(broker),
    sample: config.tracing.sample,
    slowMs: config.tracing.slowMs,
    held,
    shared: !alone,
  });
  setTraces(broker, book);

  /** The first span here of somebody's request, or of work that nobody asked for. */
  const enter = async (next: Next, ctx: Context, name: string, actor: string): Promise<unknown> => {
    const { traceparent } = ctx.headers as { traceparent?: string };
    const id = ctx.requestID ?? ctx.id;
    const remote = ctx.nodeID !== broker.nodeID;
    const joined = remote ? book.join("action", name, actor, id, traceparent) : undefined;
    const span = joined ?? book.background("action", name, actor, id);
    let status = 200;
    try {
      return await runIn(span, follow, next, ctx, span);
    } catch (error) {
      status = statusOf(error);
      throw error;
    } finally {
      // What was refused on purpose is no matter where no person asked.
      if (joined === undefined) book.decide(span, status >= 500 ? status : 200);
    }
  };

  const work: Wrap = (next, { name }) => {
    if (name.startsWith("$") || without.has(name)) return next;
    const actor = actorOf(name);
    return function traceAction(ctx) {
      const parent = ctx.nodeID === broker.nodeID ? parentOf(ctx) : undefined;
      return parent === undefined
        ? enter(next, ctx, name, actor)
        : follow(next, ctx, parent.child("action", name, actor));
    };
  };
  const ask: Wrap = (next, { name }) => {
    if (name.startsWith("$") || without.has(name)) return next;
    return function traceCall(ctx) {
      const parent = parentOf(ctx);
      if (parent === undefined) return next(ctx);
      const span = parent.child("call", name);
      ctx.headers = { ...ctx.headers, traceparent: span.traceparent };
      return ended(span, next(ctx));
    };
  };
  const middleware = defineMiddleware({ name: "Traces", localAction: work, remoteAction: ask });
  return alone ? middleware : { ...middleware, created: () => void broker.createService(listener(book)) };
}
