import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Api } from "./api.ts";
import { Faults } from "./faults.ts";
import { decodeForm } from "./form.ts";
import { Ledger } from "./ledger.ts";
import { StripeProblem } from "./objects.ts";
import { pageOf } from "./pages.ts";
import { Webhooks } from "./webhooks.ts";

export const stripeKey = "sk_test_standin";
export const stripeWebhookSecret = "whsec_standin";

/** A server that behaves as Stripe does, with one account in memory. */
export interface StripeServer {
  url: string;
  ledger: Ledger;
  webhooks: Webhooks;
  faults: Faults;
  /** Calls of the API so far: method, path and idempotency key. */
  calls: { call: string; key: string | undefined }[];
  stop(): Promise<void>;
}

interface Kept {
  request: string;
  status: number;
  body: unknown;
}

/** Answers by idempotency key: the same request again is answered as before, also when that was a refusal. */
class Keys {
  readonly #kept = new Map<string, Kept | "running">();

  async once(key: string | undefined, request: string, work: () => Promise<Kept>): Promise<Kept> {
    if (key === undefined) return work();
    const known = this.#kept.get(key);
    if (known === "running")
      throw new StripeProblem(409, {
        type: "invalid_request_error",
        code: "idempotency_key_in_use",
        message: "In use.",
      });
    if (known && known.request !== request)
      throw new StripeProblem(400, {
        type: "idempotency_error",
        message: "Keys can only be used with the same parameters.",
      });
    if (known) return known;
    this.#kept.set(key, "running");
    const answer = await work();
    if (answer.status === 429 || answer.status >= 500) this.#kept.delete(key);
    else this.#kept.set(key, answer);
    return answer;
  }
}

async function textOf(req: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of req) text += String(chunk);
  return text;
}

function send(res: ServerResponse, status: number, headers: Record<string, string>, body: string): void {
  if (res.destroyed) return;
  res.writeHead(status, headers).end(body);
}

const sendJson = (res: ServerResponse, status: number, body: unknown): void =>
  send(res, status, { "content-type": "application/json" }, JSON.stringify(body));

export async function startStripe(): Promise<StripeServer> {
  let url = "";
  const webhooks = new Webhooks(stripeWebhookSecret);
  const ledger = new Ledger(
    () => url,
    (type, object) =>
      webhooks.tell({
        id: ledger.newId("evt"),
        object: "event",
        api_version: "2026-10-28.endive",
        created: ledger.now,
        type,
        data: { object: structuredClone(object) },
      }),
  );
  const api = new Api(ledger, webhooks);
  const faults = new Faults();
  const keys = new Keys();
  const calls: StripeServer["calls"] = [];

  async function answerApi(req: IncomingMessage, res: ServerResponse, path: URL, raw: string): Promise<Kept> {
    const method = req.method ?? "GET";
    const call = `${method} ${path.pathname}`;
    const key = req.headers["idempotency-key"] as string | undefined;
    calls.push({ call, key });
    if (req.headers.authorization !== `Bearer ${stripeKey}`)
      throw new StripeProblem(401, { type: "invalid_request_error", message: "Invalid API Key provided." });
    return keys.once(method === "POST" ? key : undefined, `${call}\n${raw}`, async () => {
      const work = () =>
        api.answer({ method, path: path.pathname, query: path.searchParams, body: decodeForm(raw) });
      try {
        const body = structuredClone(await faults.around(call, res, work));
        return { request: `${call}\n${raw}`, status: 200, body };
      } catch (error) {
        if (!(error instanceof StripeProblem)) throw error;
        return { request: `${call}\n${raw}`, status: error.status, body: error.body };
      }
    });
  }

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = new URL(req.url ?? "/", "http://stripe");
    const raw = await textOf(req);
    if (path.pathname.startsWith("/v1/")) {
      const { status, body } = await answerApi(req, res, path, raw);
      return sendJson(res, status, body);
    }
    const page = pageOf(ledger, req.method ?? "GET", path.pathname, decodeForm(raw));
    const headers = { "content-type": "text/html", ...(page?.location && { location: page.location }) };
    send(res, page?.status ?? 404, headers, page?.html ?? "");
  }

  const server = createServer((req, res) => {
    answer(req, res).catch((error: unknown) => {
      if (error instanceof StripeProblem) sendJson(res, error.status, error.body);
      else sendJson(res, 500, { error: { type: "api_error", message: String(error) } });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    ledger,
    webhooks,
    faults,
    calls,
    async stop() {
      webhooks.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
