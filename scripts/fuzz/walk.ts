import * as fc from "fast-check";
import { Document, type Operation } from "./document.ts";
import { Memory } from "./memory.ts";
import { requestsOf, type Request } from "./requests.ts";

export interface Finding {
  operation: string;
  request: string;
  status: number;
  fault: string;
  answer: string;
}

export interface Walked {
  requests: number;
  seconds: number;
  /** Answers by status. */
  statuses: Record<string, number>;
  /** Operations that answered a success at least once. */
  succeeded: number;
  operations: number;
  /** Operations that never did. */
  unmet: string[];
  findings: Finding[];
}

export interface WalkOptions {
  url: string;
  requests: number;
  seed: number;
  /** A token that may do what is asked, made anew after it was refused; undefined: a guest. */
  token(operation: Operation, refused: boolean, turn: number): Promise<string | undefined>;
  concurrency?: number;
  /** Hears every 1,000 requests how far it is. */
  progress?(requests: number): void;
}

/** Sends requests made from the document's schemas to every operation in turn, and checks each answer against it. */
export async function walk(options: WalkOptions): Promise<Walked> {
  const { url, requests, seed, concurrency = 8 } = options;
  const document = new Document((await (await fetch(`${url}/api/openapi.json`)).json()) as object);
  const memory = new Memory();
  const { operations } = document;
  const made = operations.map((operation) => requestsOf(operation, document, memory.known));
  const succeeded = new Set<string>();
  const result: Walked = {
    requests: 0,
    seconds: 0,
    statuses: {},
    succeeded: 0,
    operations: operations.length,
    unmet: [],
    findings: [],
  };
  const began = performance.now();
  let next = 0;
  const one = async (turn: number) => {
    const operation = operations[turn % operations.length] as Operation;
    const [request] = fc.sample(made[turn % made.length] as (typeof made)[number], {
      numRuns: 1,
      seed: seed + turn,
    }) as [Request];
    // Now and then without what belongs to the thing that it asks for.
    if (request.fits && turn % 7 !== 0) Object.assign(request.headers, memory.headersFor(request));
    const { status, type, body, text } = await ask(options, request, turn);
    result.requests += 1;
    if (result.requests % 1000 === 0) options.progress?.(result.requests);
    result.statuses[status] = (result.statuses[status] ?? 0) + 1;
    if (status < 300) {
      succeeded.add(operation.id);
      memory.learn(operation, body);
    }
    const fault =
      status >= 500 && status !== 503
        ? "a failure"
        : document.fault(operation, { status, type, body }, /[?&]fields=/.test(request.url));
    if (fault !== undefined || status >= 500)
      result.findings.push({
        operation: operation.id,
        request: `${request.method} ${request.url.slice(0, 300)} ${(request.body ?? "").slice(0, 600)}`,
        status,
        fault: fault ?? "unavailable",
        answer: text.slice(0, 400),
      });
  };
  const worker = async () => {
    while (next < requests) await one(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  result.seconds = (performance.now() - began) / 1000;
  result.succeeded = succeeded.size;
  result.unmet = operations.map(({ id }) => id).filter((id) => !succeeded.has(id));
  return result;
}

interface Answer {
  status: number;
  type: string;
  body: unknown;
  text: string;
}

async function ask(options: WalkOptions, request: Request, turn: number): Promise<Answer> {
  const answer = await send(options, request, await options.token(request.operation, false, turn));
  if (answer.status !== 401 || request.headers["authorization"] !== undefined) return answer;
  return send(options, request, await options.token(request.operation, true, turn));
}

async function send({ url }: WalkOptions, request: Request, token: string | undefined): Promise<Answer> {
  const stop = AbortSignal.timeout(30_000);
  const { method, body } = request;
  const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...request.headers };
  const response = await fetch(url + request.url, {
    method,
    headers,
    redirect: "manual",
    signal: stop,
    ...(body !== undefined && { body }),
  });
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) {
    await response.body?.cancel();
    return { status: response.status, type, body: "", text: "" };
  }
  const text = await response.text();
  const isJson = /[/+]json\b/.test(type);
  return { status: response.status, type, body: isJson ? (JSON.parse(text) as unknown) : text, text };
}
