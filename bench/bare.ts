/** A bare server in a process of its own: `fork`ed with a `BareOrder`, answers its address. It returns given bodies by path. */
import { createServer, type AddressInfo } from "node:net";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import process from "node:process";
import { ServiceBroker, type BrokerOptions, type ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";

export interface BareOrder {
  kind: "node:http" | "moleculer-web";
  /** Path with query -> JSON text. */
  bodies: Record<string, string>;
  /** NATS, when gateway and actions are processes of their own; this one is one of them. */
  transporter?: string;
  part?: "gateway" | "actions";
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function serveHttp(bodies: BareOrder["bodies"], port: number): Promise<void> {
  const buffers = new Map(Object.entries(bodies).map(([path, text]) => [path, Buffer.from(text)]));
  const server = createHttpServer((req, res) => {
    const body = buffers.get(req.url ?? "");
    if (!body) return void res.writeHead(404).end();
    res.writeHead(200, { "content-type": "application/json; charset=utf-8", "content-length": body.length });
    res.end(body);
  }).listen(port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
}

/** One route, one action, nothing else: what an answer costs in this framework at the least. */
async function serveMoleculer({ bodies, transporter, part }: BareOrder, port: number): Promise<void> {
  const values = new Map(Object.entries(bodies).map(([path, text]) => [path, JSON.parse(text) as unknown]));
  const nodeID = `bare.${part ?? "all"}`;
  const joined = transporter === undefined ? {} : { transporter, nodeID, namespace: "bare" };
  const broker = new ServiceBroker({ logger: false, ...joined } as BrokerOptions);
  const answer = (ctx: { meta: { url?: string } }) => values.get(ctx.meta.url ?? "");
  const actions = { list: answer, get: answer };
  if (part !== "gateway") broker.createService({ name: "bare", actions } as unknown as ServiceSchema);
  if (part !== "actions") broker.createService(gatewayOn(port));
  await broker.start();
  if (part === "gateway") await broker.waitForServices("bare", 20_000);
}

const gatewayOn = (port: number): ServiceSchema => ({
  name: "api",
  mixins: [ApiGateway],
  settings: {
    port,
    ip: "127.0.0.1",
    routes: [
      {
        path: "/api/v1",
        aliases: { "GET /products": "bare.list", "GET /products/:id": "bare.get" },
        onBeforeCall(ctx: { meta: { url?: string } }, _route: unknown, req: IncomingMessage) {
          ctx.meta.url = (req as { originalUrl?: string }).originalUrl ?? "";
        },
      },
    ],
  } as ServiceSchema["settings"],
});

process.once("message", (order: BareOrder) => {
  void (async () => {
    const port = await freePort();
    await (order.kind === "node:http" ? serveHttp(order.bodies, port) : serveMoleculer(order, port));
    process.send?.(`http://127.0.0.1:${port}`);
  })();
});
