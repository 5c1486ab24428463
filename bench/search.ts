import { pathToFileURL } from "node:url";
import { seeded } from "./random.ts";
import { SearchNode } from "./search-client.ts";
import { measureHttp } from "./search-http.ts";
import { queriesFor, type Params } from "./search-queries.ts";
import { SearchSource } from "./search-source.ts";

export interface SearchBenchOptions {
  /** Sizes of the generated catalogues. */
  counts?: readonly number[];
  /** Queries of each kind. */
  queries?: number;
  /** Size of the catalogue that is asked over HTTP; 0 leaves that part out. */
  http?: number;
}

/** Milliseconds of each query: by the clock, and of the thread's own work. */
interface Times {
  times: number[];
  cpu: number[];
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 0).padStart(6);
const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** One search actor alone in its process. */
async function measure(count: number, queries: number): Promise<void> {
  const source = new SearchSource(count);
  source.prepare();
  const node = new SearchNode(source, "search");
  const built = await node.built();
  const fresh = await node.status();
  console.log(
    `\n${count.toLocaleString("en")} products: built in ${(built / 1000).toFixed(2)} s, ` +
      `index ${mb(fresh.bytes)}, RSS ${mb(fresh.rss)}`,
  );
  console.log("  ms in the actor     p50    p99    max  p99CPU maxCPU stall  found");
  const kinds = Object.entries(queriesFor(source, count, seeded(count)));
  const all: Times = { times: [], cpu: [] };
  for (const [kind, make] of kinds) {
    const { times, cpu } = await ask(node, kind, Array.from({ length: queries }, make));
    all.times.push(...times);
    all.cpu.push(...cpu);
  }
  report("all kinds", all);
  const stopWriting = node.keepWriting(source, count);
  const mixed = Array.from({ length: queries * 4 }, (_, i) =>
    (kinds[i % kinds.length] as [string, () => Params])[1](),
  );
  await ask(node, "while written", mixed);
  stopWriting();
  console.log(`  RSS after the queries ${mb((await node.status()).rss)}`);
  await node.stop();
}

async function ask(node: SearchNode, kind: string, queries: Params[]): Promise<Times> {
  const { found, stall, ...times } = await node.order<Times & { found: number; stall: number }>({
    do: "ask",
    queries,
  });
  report(kind, times, `${ms(stall)}  ${Math.round((100 * found) / queries.length)} %`);
  return times;
}

function report(kind: string, { times, cpu }: Times, rest = ""): void {
  const [wall = [], own = []] = [times, cpu].map((all) => [...all].sort((a, b) => a - b));
  const figures = [percentile(wall, 0.5), percentile(wall, 0.99), percentile(wall, 1)];
  const columns = [...figures, percentile(own, 0.99), percentile(own, 1)].map(ms);
  console.log(`  ${kind.padEnd(15)} ${columns.join(" ")} ${rest}`);
}

/** Prints what a search costs in catalogues of several sizes, and what comes through over HTTP. */
export async function run(options: SearchBenchOptions = {}): Promise<void> {
  const { counts = [1_000, 10_000, 100_000], queries = 500, http = 10_000 } = options;
  for (const count of counts) await measure(count, queries);
  if (http > 0) await measureHttp(http);
}

/** node bench/search.ts [counts ...] [--http=10000] */
if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const given = process.argv.slice(2);
  const counts = given.map(Number).filter((count) => count > 0);
  const http = given.find((each) => each.startsWith("--http="))?.slice(7);
  await run({ ...(counts.length > 0 || http ? { counts } : {}), ...(http ? { http: Number(http) } : {}) });
}
