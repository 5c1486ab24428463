import type { IncomingMessage, ServerResponse } from "node:http";
import { bodyOf } from "./gateway.params.ts";
import { hasBody } from "./gateway.body.ts";
import { malformedUrl, methodNotAllowed, notFoundPath, tooManyHeaders } from "./gateway.errors.ts";
import { givenRequestId, readHeaders } from "./gateway.headers.ts";
import { apiRoot } from "./gateway.routes.ts";
import type { RowsPage } from "./gateway.rows.ts";
import type { Exchange, Gateway, RestCtx } from "./gateway.types.ts";

const maxHeaderLines = 100;
const apiPrefix = `${apiRoot}/`;

/** Every request enters here: pages and files are answered at once, routes of the API inside the action `gateway.rest`. */
export async function handleRequest(this: Gateway, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const exchange = open(this, req, res);
  const { runtime } = this;
  try {
    if (req.rawHeaders.length > 2 * maxHeaderLines) throw tooManyHeaders();
    if (!exchange.path.startsWith(apiPrefix)) return await runtime.pages(exchange);
    exchange.ip = runtime.addressOf(req);
    await runtime.traces.run(exchange, () => api(this, exchange));
  } catch (error) {
    runtime.fail(exchange, error);
  }
}

/** Answers in any case, so that the request's trace ends with its status. */
async function api(gateway: Gateway, exchange: Exchange): Promise<void> {
  try {
    if (await route(gateway, exchange)) await gateway.actions.rest?.(exchange, { requestID: exchange.id });
  } catch (error) {
    exchange.span?.fail(error);
    gateway.runtime.fail(exchange, error);
  }
}

function open(gateway: Gateway, req: IncomingMessage, res: ServerResponse): Exchange {
  const url = req.url ?? "/";
  const at = url.indexOf("?");
  const exchange: Exchange = {
    req,
    res,
    id: givenRequestId(req.headers) ?? gateway.newId(),
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? "" : url.slice(at + 1),
    headers: [],
    ip: "",
    values: [],
  };
  if (gateway.draining) exchange.headers.push("Connection", "close");
  return exchange;
}

/** Finds the route; false when the request is answered already (OPTIONS). */
async function route({ runtime }: Gateway, exchange: Exchange): Promise<boolean> {
  const { req, path, headers } = exchange;
  const method = req.method === "HEAD" ? "GET" : (req.method ?? "GET");
  const match = runtime.matcher.find(method, path);
  if (match?.route !== undefined) {
    exchange.plan = match.route;
    exchange.values = match.values;
    return true;
  }
  if (match === undefined) {
    // Probing for addresses counts like every other request.
    if (runtime.limits.on) await runtime.limits.byAddress(exchange, "address");
    throw notFoundPath();
  }
  headers.push("Allow", allowed(match.methods));
  if (method !== "OPTIONS") throw methodNotAllowed();
  runtime.sendNothing(exchange);
  return false;
}

const allowed = (methods: readonly string[]): string =>
  [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");

/**
 * The way of one request to its action: limits by address, who it is, whether they may, limits by caller, headers,
 * params, the call, the answer. The body is read only once everything before it has passed.
 */
export async function rest(this: Gateway, ctx: RestCtx): Promise<void> {
  const exchange = ctx.params;
  const { plan, req } = exchange;
  if (plan === undefined) throw malformedUrl();
  const { runtime } = this;
  const { meta } = ctx;
  if (runtime.limits.on) await runtime.limits.byAddress(exchange, plan.limit);
  const { authorization } = req.headers;
  if (authorization !== undefined) meta.caller = await runtime.identities.of(authorization);
  plan.admit(meta.caller);
  if (runtime.limits.on && meta.caller) await runtime.limits.byCaller(exchange, meta.caller);
  meta.ip = exchange.ip;
  readHeaders(req.headers, plan.route.action, meta);
  // Between nodes a call can be lost: with a key of its own, every change can be tried again.
  const { idempotencyKey, knowsRepeats } = plan.route.action;
  if (idempotencyKey === "optional" && !knowsRepeats && this.config.transporter !== undefined)
    meta.idempotencyKey ??= this.newId();
  runtime.cookie.read(plan.route.name, req, meta);
  if (hasBody(req) && bodyOf(plan.route) === "none") exchange.headers.push("Connection", "close");
  const read = plan.readInput(req, exchange.query, exchange.values, meta);
  const input = read instanceof Promise ? await read : read;
  const call = ctx.call as unknown as (name: string, params: object, options?: object) => Promise<unknown>;
  const { name } = plan.route;
  const ask = () => call.call(ctx, name, input.params, input.stream && { stream: input.stream });
  let value = await (meta.caller === undefined ? runtime.shared.ask(plan.route, input.params, ask) : ask());
  if (input.expand) value = await input.expand(value, meta.caller, call.bind(ctx));
  plan.answer(exchange, meta, value, {
    select: input.select,
    format: input.params.format === "ndjson" ? "ndjson" : "csv",
    more: async (after) => (await call.call(ctx, name, { ...input.params, after })) as RowsPage,
  });
}
