import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { uuidv7 } from "../mixins/uuid.ts";

const DAY_MS = 86_400_000;
const address = JSON.stringify({
  name: "Ada",
  line1: "1 High St",
  city: "London",
  postalCode: "N1",
  country: "GB",
});
/** What the store's own folding is left to do; one thousand a second. */
const UNFOLDED = 2000;

const paymentOf = (total: number, captured: boolean): string =>
  JSON.stringify({
    status: captured ? "captured" : "authorized",
    provider: "test",
    authorized: { amount: total, currency: "GBP" },
    captured: { amount: captured ? total : 0, currency: "GBP" },
    refunded: { amount: 0, currency: "GBP" },
  });

/** Writes `count` orders of two lines, spread over `days`, into the files of a store that does not run. */
export function fillOrders(dataDir: string, count: number, days: number): void {
  const database = new DatabaseSync(join(dataDir, "orders.sqlite"));
  const start = Date.now() - days * DAY_MS;
  let now = start;
  const newId = uuidv7({ now: () => now });
  const order = database.prepare(
    `insert into orders values (?, ?, ?, 'GBP', ?, null, null, 3, ?, 0, 0, 0, 0, ?, null, 'standard', ?, ?, null, ?, ?, 2)`,
  );
  const line = database.prepare(`insert into order_lines values (?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`);
  const event = database.prepare(`insert into order_events values (?, 2, 'confirmed', ?, '{}', ?)`);
  const productId = newId();
  database.exec("begin");
  for (let n = 0; n < count; n++) {
    now = start + Math.floor((n / count) * days * DAY_MS);
    const at = new Date(now).toISOString();
    const id = newId();
    const price = 500 + ((n * 7919) % 5000);
    const total = 3 * price;
    const isOpen = n > count * 0.95;
    const status = isOpen ? "confirmed" : "delivered";
    const payment = paymentOf(total, !isOpen);
    order.run(
      id,
      String(200_000 + n),
      status,
      `shopper${n % 5000}@example.com`,
      total,
      total,
      address,
      payment,
      at,
      at,
    );
    for (const position of [0, 1]) {
      const sku = `SKU-${(n * (position + 3)) % 2000}`;
      const quantity = position + 1;
      line.run(id, position, sku, productId, `Thing ${sku}`, quantity, price, price * quantity);
    }
    event.run(id, at, n < count - UNFOLDED ? 1 : 0);
  }
  database.exec(`
    insert into daily select substr(o.placed_at, 1, 10), 'GBP', count(*), sum(o.total), 0, sum(o.units)
      from orders o join order_events e on e.order_id = o.id where e.folded = 1 group by 1;
    insert into daily_skus select substr(o.placed_at, 1, 10), l.sku, max(l.name), sum(l.quantity)
      from order_lines l join orders o on o.id = l.order_id join order_events e on e.order_id = o.id
      where e.folded = 1 group by 1, 2;
    commit; analyze;`);
  database.close();
}
