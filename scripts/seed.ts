import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { isType } from "../contract/errors.ts";
import type { Caller } from "../contract/implement.ts";
import { contextOf } from "../mixins/context.ts";
import { sampleCatalogue } from "../services/products/seed/index.ts";

/** Milliseconds that another node has to bring the stock's actor. */
const INVENTORY_WAIT = 45_000;

/** Stands in the data folder while the sample is written: a seeding that was cut short is finished at the next start. */
const marker = "seeding";

const unless = async (types: readonly string[], work: Promise<unknown>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!isType(error, ...types)) throw error;
  }
};

/** Fills an empty catalogue with the sample; a catalogue that holds anything is left alone. Answers whether it was filled. */
export async function seedIfEmpty(broker: ServiceBroker): Promise<boolean> {
  const caller = broker as unknown as Caller;
  const { dataDir } = contextOf(broker).config;
  const file = join(dataDir, marker);
  const { data } = await caller.call("products.changes", { limit: 1 });
  if (data.length > 0 && !existsSync(file)) return false;
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(file, "");
  await broker.waitForServices("inventory", INVENTORY_WAIT);
  await fill((name, params, options) => caller.call(name, params, options));
  rmSync(file, { force: true });
  return true;
}

async function fill(call: Caller["call"]): Promise<void> {
  const { categories, products } = sampleCatalogue();
  for (const [position, category] of categories.entries()) {
    const { slug, name, description, parent = null, picture } = category;
    await unless(
      ["SLUG_TAKEN", "ALREADY_EXISTS"],
      call("products.createCategory", { slug, name, description, parent, picture, position }),
    );
  }
  for (const product of products) {
    const variants = product.variants.map(({ stock: _, ...variant }) => ({
      ...variant,
      prices: [...variant.prices],
    }));
    const body = {
      ...product,
      categories: [...product.categories],
      images: [...product.images],
      options: [...product.options],
      variants,
    };
    await unless(["SLUG_TAKEN", "SKU_TAKEN"], call("products.create", body));
  }
  const items = products.flatMap((product) =>
    product.variants.map(({ sku, stock }) => ({ sku, onHand: stock })),
  );
  await call("inventory.setStock", { key: "sample", reason: "Opening stock", items });
}
