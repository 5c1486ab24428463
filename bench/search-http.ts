import autocannon from "autocannon";
import { freePort } from "../test/helpers/store.ts";
import { seeded } from "./random.ts";
import { SearchNode } from "./search-client.ts";
import { queriesFor, queryString, type Params } from "./search-queries.ts";
import { SearchSource } from "./search-source.ts";

const CONNECTIONS = 16;
const SECONDS = 5;
const REQUESTS = 1000;

interface Load {
  perSecond: number;
  p99: number;
  failed: number;
  /** Microseconds of the server's CPU for one request. */
  cpu: number;
}

/** Loads one process that runs gateway and search together; each connection asks for other things. */
async function load(node: SearchNode, port: number, path: () => string): Promise<Load> {
  const run = (duration: number) =>
    autocannon({
      url: `http://127.0.0.1:${port}`,
      connections: CONNECTIONS,
      duration,
      setupClient: (client) => {
        client.setRequests(
          Array.from({ length: REQUESTS }, () => ({ method: "GET" as const, path: path() })),
        );
      },
    });
  await run(2);
  const before = await node.status();
  const { requests, latency, non2xx, errors } = await run(SECONDS);
  const after = await node.status();
  return {
    perSecond: requests.average,
    p99: latency.p99,
    failed: non2xx + errors,
    cpu: (1000 * (after.cpu - before.cpu)) / requests.total,
  };
}

const line = (what: string, { perSecond, p99, failed, cpu }: Load, bare?: Load): void => {
  const ratio = bare ? `, ${(perSecond / bare.perSecond).toFixed(2)} of bare moleculer-web` : "";
  console.log(
    `  ${what.padEnd(32)} ${perSecond.toFixed(0).padStart(6)}/s  p99 ${p99} ms  ${cpu.toFixed(0)} us CPU each, ${failed} failed${ratio}`,
  );
};

/** Requests a second over HTTP, the load in this process and the server in one other. */
export async function measureHttp(count: number): Promise<void> {
  const source = new SearchSource(count);
  const random = seeded(count);
  const kinds = queriesFor(source, count, random);
  const texts = ["one word", "two words", "prefix", "misspelt"].map((kind) => kinds[kind] as () => Params);
  let turn = 0;
  const text = () => (texts[turn++ % texts.length] as () => Params)();
  const list = kinds["list, filters"] as () => Params;
  const products = (params: () => Params) => () => `/api/v1/products?${queryString(params())}`;
  console.log(
    `\n${count.toLocaleString("en")} products over HTTP, ${CONNECTIONS} connections, one process against the load:`,
  );

  const barePort = await freePort();
  const bareNode = new SearchNode(source, "bare", barePort);
  await bareNode.built();
  const bare = await load(bareNode, barePort, () => "/api/v1/products");
  line("bare moleculer-web, 20 products", bare);
  await bareNode.stop();

  const port = await freePort();
  const node = new SearchNode(source, "gateway,search", port);
  await node.built();
  line("searches", await load(node, port, products(text)));
  line("lists, random filters", await load(node, port, products(list)), bare);
  const stopWriting = node.keepWriting(source, count);
  line("lists, 100 products/s written", await load(node, port, products(list)), bare);
  stopWriting();
  await node.stop();
}
