import { setTimeout as delay } from "node:timers/promises";
import { measureCheckout } from "./checkout.ts";
import { startFullStore } from "./full-store.ts";
import { memoryOf } from "./machine.ts";
import { mb, printRow, type Group, type Row } from "./results.ts";

/** Products of an ordinary small shop. */
const PRODUCTS = 100;
const SHOPPERS = 8;

/** Memory of a store with an ordinary catalogue, before, during and after a load of checkouts. */
export async function memory(seconds: number): Promise<Group> {
  const full = await startFullStore(PRODUCTS);
  const { pid } = full.store.process;
  try {
    const before = memoryOf(pid).now;
    const { orders } = await measureCheckout(full, "cart", SHOPPERS, seconds);
    const loaded = memoryOf(pid);
    await delay(5000);
    const rows: Row[] = [
      { what: "ready", figures: { RSS: mb(before) } },
      {
        what: `after ${orders} checkouts by ${SHOPPERS} shoppers`,
        figures: { RSS: mb(loaded.now), peak: mb(loaded.peak) },
      },
      { what: "five seconds later", figures: { RSS: mb(memoryOf(pid).now) } },
    ];
    rows.forEach(printRow);
    return { title: "Memory", about: `Resident memory of the whole store, ${PRODUCTS} products.`, rows };
  } finally {
    await full.remove();
  }
}
