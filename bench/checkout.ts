import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CheckoutFigures, CheckoutLoad } from "./checkout-load.ts";
import type { FullStore } from "./full-store.ts";
import { cpuOf } from "./machine.ts";
import { ms, perSecond, printRow, ratio, type Group, type Row } from "./results.ts";
import { measureTransactions } from "./transactions.ts";

/** Of each kind, before any is counted: the code that it runs is compiled until then. */
const warmUpSeconds = 10;

interface Measured extends CheckoutFigures {
  /** Milliseconds of the store's CPU for one order. */
  cpu: number;
}

/** Lets shoppers order for some seconds; the store's CPU is counted from the end of their warm-up. */
export async function measureCheckout(
  { store, skus }: FullStore,
  kind: CheckoutLoad["kind"],
  shoppers: number,
  seconds: number,
): Promise<Measured> {
  const child = fork(join(import.meta.dirname, "checkout-load.ts"));
  const load: CheckoutLoad = {
    url: store.url,
    skus,
    shoppers,
    kind,
    warmUp: 2000,
    duration: seconds * 1000,
    seed: shoppers,
  };
  child.send(load);
  await once(child, "message");
  const before = cpuOf(store.process.pid);
  const [figures] = (await once(child, "message")) as [CheckoutFigures];
  return { ...figures, cpu: (cpuOf(store.process.pid) - before) / figures.orders };
}

const rowOf = (what: string, figures: Measured, bare: number): Row => ({
  what,
  figures: {
    "orders/s": perSecond(figures.perSecond),
    "p50 ms": ms(figures.p50),
    "p99 ms": ms(figures.p99),
    "p99 of the order alone, ms": ms(figures.orderP99),
    "CPU ms an order": ms(figures.cpu),
    "of bare transactions": ratio(figures.perSecond / bare),
  },
});

/** Whole checkouts over HTTP, every order on disk before it is answered. */
export async function checkout(
  full: FullStore,
  seconds: number,
  postgresUrl: string | undefined,
): Promise<Group> {
  const rows: Row[] = [];
  const add = (row: Row) => {
    printRow(row);
    rows.push(row);
  };
  const bare = await measureTransactions(seconds, postgresUrl);
  for (const [what, n] of bare) add({ what, figures: { "orders/s": perSecond(n) } });
  for (const kind of ["cart", 13] as const) await measureCheckout(full, kind, 8, warmUpSeconds);
  const sqlite = bare[0]?.[1] ?? Infinity;
  for (const shoppers of [1, 8, 32])
    add(
      rowOf(
        `cart, line, order: ${shoppers} shoppers`,
        await measureCheckout(full, "cart", shoppers, seconds),
        sqlite,
      ),
    );
  for (const shoppers of [8, 32])
    add(
      rowOf(
        `order by 13 lines: ${shoppers} shoppers`,
        await measureCheckout(full, 13, shoppers, seconds),
        sqlite,
      ),
    );
  return {
    title: "Checkout",
    about:
      "Whole guest checkouts (three requests: a cart, a line, the order with address and payment) and orders by 13 lines, each order confirmed and on disk. " +
      `The store has taken each kind for ${warmUpSeconds} s before. ` +
      "Bare: one durable transaction an order (six rows in six tables) and nothing else.",
    rows,
  };
}
