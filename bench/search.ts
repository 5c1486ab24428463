import { fork, type ChildProcess } from "node:child_process";
import { pathToFileURL } from "node:url";
import { generatedCategories } from "./generator.ts";
import { between, pick, seeded, type Random } from "./random.ts";
import type { Order } from "./search-node.ts";
import { SearchSource } from "./search-source.ts";

export interface SearchBenchOptions {
  counts?: readonly number[];
  /** Queries of each kind. */
  queries?: number;
}

type Params = Record<string, unknown>;

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 0).padStart(6);
const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** A search node in a process of its own, its sources here. */
class SearchNode {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: never) => void>();
  #orders = 0;

  constructor(source: SearchSource, services: string, port: number) {
    const script = new URL("./search-node.ts", import.meta.url);
    this.#child = fork(script, [services, String(port)], { serialization: "json" });
    this.#child.on(
      "message",
      (message: { call?: number; action: string; params: never; id?: number; answer: never }) => {
        if (message.call !== undefined)
          this.#child.send({ call: message.call, answer: source.answer(message.action, message.params) });
        else if (message.id !== undefined) this.#waiting.get(message.id)?.(message.answer);
      },
    );
  }

  order<T>(order: Order): Promise<T> {
    return new Promise((resolve) => {
      this.#waiting.set(++this.#orders, resolve);
      this.#child.send({ order, id: this.#orders });
    });
  }

  started(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.on("message", (message: { started?: boolean }) => {
        if (message.started) resolve();
      });
    });
  }
}

interface Times {
  times: number[];
  cpu: number[];
}

interface Status {
  ready: boolean;
  rss: number;
  bytes: number;
  products: number;
}

/** Queries as shoppers make them, by kind. */
function queriesFor(source: SearchSource, count: number, random: Random): Record<string, () => Params> {
  const words = () =>
    source
      .nameOf(between(random, 0, count - 1))
      .toLowerCase()
      .split(" ");
  const category = () => pick(random, generatedCategories()).slug;
  const misspelt = (word: string) => {
    const at = between(random, 1, Math.max(1, word.length - 2));
    return word.slice(0, at) + word.slice(at + 1);
  };
  const filters = (): Params => ({
    ...(random() < 0.7 && { category: category() }),
    ...(random() < 0.3 && { priceMin: 1000, priceMax: between(random, 2000, 9000) }),
    ...(random() < 0.2 && { option: { size: ["M"] } }),
    ...(random() < 0.2 && { inStock: true }),
    sort: pick(random, ["relevance", "price", "-price", "newest", "name", "-rating"]),
  });
  return {
    "one word": () => ({ q: words()[between(random, 0, 3)] }),
    "two words": () => ({ q: `${words().slice(-2).join(" ")}` }),
    prefix: () => ({ q: `${words()[1]} ${(words()[3] ?? "").slice(0, 3)}` }),
    "short prefix": () => ({ q: pick(random, words()).slice(0, between(random, 1, 3)) }),
    misspelt: () => ({ q: misspelt(words()[0] ?? "") }),
    "list, filters": filters,
    "list, facets": () => ({ ...filters(), facets: true }),
    "text, facets": () => ({ q: words()[3], ...filters(), facets: true }),
  };
}

async function measure(count: number, queries: number): Promise<void> {
  const source = new SearchSource(count);
  source.answer("inventory.changes", { limit: 1 } as never);
  const started = performance.now();
  const node = new SearchNode(source, "search", 0);
  await node.started();
  const building = performance.now();
  let status = await node.order<Status>({ do: "status" });
  while (!status.ready) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    status = await node.order<Status>({ do: "status" });
  }
  const built = (performance.now() - building) / 1000;
  console.log(
    `\n${count.toLocaleString("en")} products: built in ${built.toFixed(2)} s (process up in ${((building - started) / 1000).toFixed(1)} s), ` +
      `index ${mb(status.bytes)}, RSS ${mb(status.rss)}`,
  );
  console.log(JSON.stringify((status as any).memory));
  console.log("                    p50    p99    max  p99CPU maxCPU  stall  found  (ms inside the actor)");
  const random = seeded(count);
  const kinds = Object.entries(queriesFor(source, count, random));
  const all: Times = { times: [], cpu: [] };
  for (const [kind, make] of kinds) {
    const { times, cpu } = await ask(node, kind, Array.from({ length: queries }, make));
    all.times.push(...times);
    all.cpu.push(...cpu);
  }
  const changing = setInterval(() => {
    const ids = Array.from({ length: 10 }, () => source.change(between(random, 0, count - 1)));
    void node.order({ do: "touch", ids });
  }, 100);
  const mixed = Array.from({ length: queries * 4 }, (_, i) =>
    (kinds[i % kinds.length] as [string, () => Params])[1](),
  );
  await ask(node, "while written", mixed);
  clearInterval(changing);
  report("all kinds", all, 0, "");
  status = await node.order<Status>({ do: "status" });
  console.log(JSON.stringify((status as any).memory));
  console.log(`RSS after the queries: ${mb(status.rss)}`);
  await node.order({ do: "stop" });
}

async function ask(node: SearchNode, kind: string, queries: Params[]): Promise<Times> {
  const { found, stall, ...times } = await node.order<Times & { found: number; stall: number }>({
    do: "ask",
    queries,
  });
  report(kind, times, stall, `${Math.round((100 * found) / queries.length)} %`);
  return times;
}

function report(kind: string, { times, cpu }: Times, stall: number, found: string): void {
  const [wall = [], own = []] = [times, cpu].map((all) => [...all].sort((a, b) => a - b));
  const figures = [percentile(wall, 0.5), percentile(wall, 0.99), percentile(wall, 1)];
  const columns = [...figures, percentile(own, 0.99), percentile(own, 1), stall].map(ms);
  console.log(`  ${kind.padEnd(14)} ${columns.join(" ")}  ${found.padStart(5)}`);
}

/** Prints what a search costs in catalogues of several sizes. */
export async function run({
  counts = [1_000, 10_000, 100_000],
  queries = 500,
}: SearchBenchOptions = {}): Promise<void> {
  for (const count of counts) await measure(count, queries);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const counts = process.argv.slice(2).map(Number).filter(Boolean);
  await run(counts.length > 0 ? { counts } : {});
}
