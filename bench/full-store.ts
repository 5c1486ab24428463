import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { Client, login } from "../scripts/lib/client.ts";
import { startStoreProcess, type StoreProcess } from "../scripts/lib/store-process.ts";
import type { SampleProduct } from "../services/products/seed/index.ts";
import { generateProducts, toCsv } from "./generator.ts";

const email = "admin@example.com";
const password = "correct horse battery";
const SEED = 7;
/** No benchmark sells out. */
const PLENTY = 1_000_000;

export interface FullStore {
  store: StoreProcess;
  dataDir: string;
  client: Client;
  staff: Record<string, string>;
  products: SampleProduct[];
  skus: string[];
  /** Starts it again on the same data, after a stop. */
  again(): Promise<StoreProcess>;
  remove(): Promise<void>;
}

async function fill(url: string, client: Client, staff: Record<string, string>, products: SampleProduct[]) {
  const answer = await fetch(`${url}/api/v1/admin/imports`, {
    method: "POST",
    headers: { ...staff, "content-type": "text/csv" },
    body: Readable.toWeb(toCsv(products)) as ReadableStream,
    duplex: "half",
  });
  if (answer.status !== 202)
    throw new Error(`The import was refused: ${answer.status} ${await answer.text()}`);
  const { id } = (await answer.json()) as { id: string };
  for (;;) {
    const state = await client.expect<{ status: string }>(200, {
      path: `/admin/imports/${id}`,
      headers: staff,
    });
    if (state.status !== "running") break;
    await delay(200);
  }
  for (;;) {
    const listed = await client.expect<{ total?: number }>(200, { path: "/products?limit=1&currency=GBP" });
    if ((listed.total ?? 0) >= products.length) return;
    await delay(200);
  }
}

/** A store in a process of its own, as in production but without limits, with `count` generated products in stock. */
export async function startFullStore(count: number, more: Record<string, string> = {}): Promise<FullStore> {
  const dataDir = mkdtempSync(join(tmpdir(), "valence-bench-"));
  const env = {
    DATA_DIR: dataDir,
    ADMIN_EMAIL: email,
    ADMIN_PASSWORD: password,
    RATE_LIMITS: "off",
    CHECK_ANSWERS: "off",
    SAMPLE_DATA: "off",
    ...more,
  };
  const store = await startStoreProcess(env);
  const client = new Client(store.url);
  const staff = await login(client, email, password);
  const products = [...generateProducts({ seed: SEED, count })];
  for (const variant of products.flatMap(({ variants }) => variants)) variant.stock = PLENTY;
  await fill(store.url, client, staff, products);
  return {
    store,
    dataDir,
    client,
    staff,
    products,
    skus: products.flatMap(({ variants }) => variants.map(({ sku }) => sku)),
    again: () => startStoreProcess({ ...env, PORT: new URL(store.url).port }),
    remove: async () => {
      client.close();
      await store.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
