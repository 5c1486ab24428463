import { isType, type RefusalData } from "../../contract/errors.ts";
import { toProblem } from "../../contract/http-problem.ts";
import { dataPolicy, send, type Header } from "./gateway.answers.ts";
import { notFoundPath } from "./gateway.errors.ts";
import type { Exchange, Plan } from "./gateway.types.ts";

interface Log {
  error(message: string, facts: object): void;
}

/** Bytes of a body that is read to its end although it was refused, so that the client gets to read why. */
const readsToEnd = 16_777_216;

/** Makes the function that answers with a problem, whatever went wrong; what is our own fault is logged, never told. */
export function problemSender(common: readonly Header[], log: Log) {
  const headers = [...common.flat(), "Content-Security-Policy", dataPolicy, "Cache-Control", "no-store"];
  return (exchange: Exchange, error: unknown): void => {
    const { res, req, id, plan } = exchange;
    const problem = toProblem(namesNothing(error, plan) ? notFoundPath() : error, id);
    // What an action did wrong is in the request log.
    if (problem.status === 500 && plan === undefined)
      log.error("failed", { requestID: id, ...factsOf(error) });
    if (res.headersSent) {
      res.destroy();
      return;
    }
    if (problem.status === 401) exchange.headers.push("WWW-Authenticate", challenge(problem.body.code));
    if (!req.complete) leaveBody(exchange, problem.status);
    const all = [...headers, ...Object.entries(problem.headers).flat()];
    send(exchange, problem.status, all, JSON.stringify(problem.body));
  };
}

/** A path parameter that cannot be one (an id that is no id) is an address of nothing, not an input to correct. */
function namesNothing(error: unknown, plan: Plan | undefined): boolean {
  if (plan === undefined || plan.route.keys.length === 0 || !isType(error, "VALIDATION_ERROR")) return false;
  const { errors } = ((error as { data?: unknown }).data ?? {}) as RefusalData;
  return errors?.some(({ pointer }) => plan.route.keys.includes(pointer.slice(1))) ?? false;
}

const challenge = (code: string): string =>
  code === "INVALID_TOKEN" ? 'Bearer realm="valence", error="invalid_token"' : 'Bearer realm="valence"';

function leaveBody({ req, headers }: Exchange, status: number): void {
  const length = Number(req.headers["content-length"] ?? Number.POSITIVE_INFINITY);
  const isEmpty =
    req.headers["content-length"] === undefined && req.headers["transfer-encoding"] === undefined;
  if (!isEmpty && (status === 408 || !(length <= readsToEnd))) headers.push("Connection", "close");
  req.resume();
}

/** Name, type and stack; `data` may hold what a client sent. */
function factsOf(error: unknown): object {
  if (!(error instanceof Error)) return { error: typeof error };
  const { type, code } = error as { type?: unknown; code?: unknown };
  return { name: error.name, type, code, stack: error.stack };
}
