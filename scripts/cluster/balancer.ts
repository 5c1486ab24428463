import {
  Agent,
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface Balancer {
  readonly url: string;
  /** Waits until a gateway is ready. */
  untilReady(): Promise<void>;
  stop(): Promise<void>;
}

/** `ready` takes requests; `alive` drains or misses an actor; `dead` does not answer. Each only when none is better. */
type State = "ready" | "alive" | "dead";

interface Gateway {
  readonly port: number;
  state: State;
  /** Requests that can be sent to another gateway when this one is found dead. */
  readonly waiting: Set<() => void>;
}

/** Milliseconds between two looks at a gateway, and that it has to answer. */
const LOOK_EVERY = 200;
const PATIENCE = 1500;
/** Bytes of a body that is kept to be sent again; larger ones are passed on as they come. */
const KEPT_BODY = 1_000_000;
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "te", "upgrade"]);

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

const stateOf = (port: number): Promise<State> =>
  new Promise((resolve) => {
    const asked = request(
      { host: "127.0.0.1", port, path: "/health/ready", timeout: PATIENCE, agent: false },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200 ? "ready" : "alive");
      },
    );
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve("dead"));
    asked.end();
  });

/** May be sent twice: reads, and what carries a key that the store knows again. */
const isRepeatable = ({ method, headers }: IncomingMessage): boolean =>
  method === "GET" || method === "HEAD" || headers["idempotency-key"] !== undefined;

async function bodyOf(req: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(req.headers["content-length"] ?? 0) > KEPT_BODY) return undefined;
  if (req.headers["transfer-encoding"] !== undefined) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Sends the request to one gateway; false when it died before it answered a word, and another may be asked. */
function forward(
  req: IncomingMessage,
  res: ServerResponse,
  gateway: Gateway,
  body: Buffer | undefined,
): Promise<boolean> {
  const headers = Object.fromEntries(
    Object.entries(req.headers).filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase())),
  );
  const from = req.socket.remoteAddress ?? "";
  const before = req.headers["x-forwarded-for"];
  headers["x-forwarded-for"] = before === undefined ? from : `${String(before)}, ${from}`;
  return new Promise((resolve) => {
    let answered = false;
    const sent = request(
      { host: "127.0.0.1", port: gateway.port, method: req.method, path: req.url, headers, agent },
      (answer) => {
        answered = true;
        gateway.waiting.delete(give);
        const kept = Object.entries(answer.headers).filter(([name]) => !HOP_BY_HOP.has(name));
        res.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
        answer.pipe(res);
        answer.once("end", () => resolve(true));
        answer.once("error", () => (res.destroy(), resolve(true)));
      },
    );
    const give = (): void => void sent.destroy(new Error("the gateway is gone"));
    if (body !== undefined && isRepeatable(req)) gateway.waiting.add(give);
    sent.once("error", (error: NodeJS.ErrnoException) => {
      gateway.waiting.delete(give);
      if (error.code === "ECONNREFUSED") gateway.state = "dead";
      if (answered) res.destroy();
      resolve(answered);
    });
    res.once("close", () => sent.destroy());
    if (body === undefined) req.pipe(sent);
    else sent.end(body);
  });
}

function refuse(res: ServerResponse): void {
  if (res.headersSent || res.destroyed) return;
  const code = "UNAVAILABLE";
  const body = JSON.stringify({
    type: "urn:valence:problem:unavailable",
    title: "Service Unavailable",
    status: 503,
    detail: "No gateway can answer right now; try again.",
    code,
  });
  res.writeHead(503, { "content-type": "application/problem+json", "retry-after": "1" }).end(body);
}

/** Hands requests to the gateways in turn; a request that may be repeated survives the death of its gateway. */
export async function startBalancer({
  ports,
  port = 0,
}: {
  ports: readonly number[];
  port?: number;
}): Promise<Balancer> {
  const gateways: Gateway[] = ports.map((one) => ({ port: one, state: "dead", waiting: new Set() }));
  let turn = 0;
  const next = (not: ReadonlySet<Gateway>): Gateway | undefined => {
    const left = gateways.filter((one) => !not.has(one));
    const by = (state: State) => left.filter((one) => one.state === state);
    const fit = [by("ready"), by("alive"), left].find((some) => some.length > 0) ?? [];
    return fit[turn++ % Math.max(1, fit.length)];
  };

  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const body = await bodyOf(req);
    const tried = new Set<Gateway>();
    for (let gateway = next(tried); gateway !== undefined; gateway = next(tried)) {
      tried.add(gateway);
      if (await forward(req, res, gateway, body)) return;
      if (res.destroyed || body === undefined || !isRepeatable(req)) break;
    }
    refuse(res);
  };

  const server: Server = createServer((req, res) => void handle(req, res).catch(() => refuse(res)));
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const stopping = new AbortController();
  const watch = async (gateway: Gateway): Promise<void> => {
    while (!stopping.signal.aborted) {
      gateway.state = await stateOf(gateway.port);
      if (gateway.state === "dead") for (const give of gateway.waiting) give();
      await delay(LOOK_EVERY, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const watching = gateways.map(watch);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async untilReady() {
      for (
        const deadline = performance.now() + 60_000;
        !gateways.some(({ state }) => state === "ready");
        await delay(20)
      )
        if (performance.now() > deadline) throw new Error("No gateway became ready within a minute.");
    },
    async stop() {
      stopping.abort();
      await Promise.all(watching);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
