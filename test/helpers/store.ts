import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type Middleware, type ServiceSchema } from "moleculer";
import type { Caller } from "../../contract/implement.ts";
import type { Clock } from "../../mixins/context.ts";
import { brokerOptions, loadConfig } from "../../moleculer.config.ts";
import { allServices, createServices } from "../../scripts/load-services.ts";
import { sampleCatalogue } from "../../services/products/seed/index.ts";
import { documented } from "./documented.ts";
import { eventually } from "./eventually.ts";
import { httpOf, type Http } from "./http.ts";

export interface TestClock extends Clock {
  /** Moves the store's time on by so many milliseconds; timers are not touched. */
  advance(ms: number): void;
}

export interface TestStore {
  broker: ServiceBroker;
  /** `http://127.0.0.1:<port>`, where the gateway listens when it was asked for. */
  url: string;
  http: Http;
  dataDir: string;
  clock: TestClock;
  call: Caller["call"];
  /** Stops the broker and, unless the folder was given, removes the data. */
  stop(): Promise<void>;
}

export interface StoreOptions {
  /** Names of services; left out: all of them. */
  services?: readonly string[];
  /** Further services, such as a stand-in for an actor that is not there. */
  extra?: readonly ServiceSchema[];
  /** Further middlewares, nearer to the actions than the store's own. */
  middlewares?: readonly Middleware[];
  env?: Record<string, string>;
  /** Fill the store with the sample catalogue. */
  seed?: boolean;
  /** A folder that is kept, to start again on the same data. */
  dataDir?: string;
  clock?: TestClock;
}

/** Real time plus what `advance` added. */
export function testClock(): TestClock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    advance: (ms) => {
      ahead += ms;
    },
  };
}

/** A store in this process: the real preset and services on databases in a folder of its own. */
export async function startStore(options: StoreOptions = {}): Promise<TestStore> {
  const services = options.services ?? allServices();
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "valence-"));
  const clock = options.clock ?? testClock();
  const port = services.includes("gateway") ? await freePort() : 0;
  const config = loadConfig({
    PORT: String(port),
    DATA_DIR: dataDir,
    RATE_LIMITS: "off",
    PASSWORD_COST: "cheap",
    ADMIN_PASSWORD: "correct horse battery",
    LOGLEVEL: "off",
    CHECK_ANSWERS: "on",
    SAMPLE_DATA: options.seed ? "on" : "off",
    ...options.env,
  });
  const preset = brokerOptions(config, clock);
  const broker = new ServiceBroker({
    ...preset,
    middlewares: [...(options.middlewares ?? []), ...(preset.middlewares ?? [])],
    skipProcessEventRegistration: true,
  });
  const stop = async () => {
    await broker.stop();
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await createServices(broker, services);
    for (const schema of options.extra ?? []) broker.createService(schema);
    await broker.start();
    if (options.seed) await seed(broker);
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  const url = `http://127.0.0.1:${port}`;
  return {
    broker,
    url,
    http: httpOf(url, options.extra === undefined ? documented : undefined),
    dataDir,
    clock,
    call: broker.call.bind(broker),
    stop,
  };
}

async function seed(broker: ServiceBroker): Promise<void> {
  const script = new URL("../../scripts/seed.ts", import.meta.url).href;
  const { seedIfEmpty }: { seedIfEmpty(broker: ServiceBroker): Promise<unknown> } = await import(script);
  await seedIfEmpty(broker);
  if (broker.getLocalService("search")) await eventually(() => isListed(broker), 30_000);
}

/** What is sold, and that it is in stock, reaches the lists some moments after the products themselves. */
async function isListed(broker: ServiceBroker): Promise<boolean> {
  const sold = sampleCatalogue().products.filter(({ variants }) => variants.some(({ stock }) => stock > 0));
  const { total } = await (broker as unknown as Caller).call("search.products", { inStock: true, limit: 1 });
  return total === sold.length;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
