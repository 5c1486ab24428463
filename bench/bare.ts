/** A bare server in a process of its own: `fork`ed with a `BareOrder`, answers its address. It returns given bodies by path. */
import { createServer, type AddressInfo } from "node:net";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import process from "node:process";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";

export interface BareOrder {
  kind: "node:http" | "moleculer-web";
  /** Path with query -> JSON text. */
  bodies: Record<string, string>;
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

/** One route, one local action, nothing else: what an answer costs in this framework at the least. */
async function serveMoleculer(bodies: BareOrder["bodies"], port: number): Promise<void> {
  const values = new Map(Object.entries(bodies).map(([path, text]) => [path, JSON.parse(text) as unknown]));
  const broker = new ServiceBroker({ logger: false });
  const answer = (ctx: { meta: { url?: string } }) => values.get(ctx.meta.url ?? "");
  broker.createService({ name: "bare", actions: { list: answer, get: answer } } as unknown as ServiceSchema);
  broker.createService({
    name: "api",
    mixins: [ApiGateway as unknown as ServiceSchema],
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
  await broker.start();
}

process.once("message", ({ kind, bodies }: BareOrder) => {
  void (async () => {
    const port = await freePort();
    await (kind === "node:http" ? serveHttp(bodies, port) : serveMoleculer(bodies, port));
    process.send?.(`http://127.0.0.1:${port}`);
  })();
});
