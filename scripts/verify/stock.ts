import { count, found, rowsOf, type Check, type Sources } from "./check.ts";

interface Hold {
  order_id: string;
  lines: string;
  state: string;
  expires_at: number;
}

const i5: Check = {
  id: "I5",
  title: "every unit is accounted for, and none is below 0",
  async run(sources) {
    const inventory = sources.databases.of("inventory");
    const violations = [
      ...(await found<{ sku: string; on_hand: number; n: number }>(
        inventory,
        "select i.sku, i.on_hand, coalesce(m.n, 0) as n from items i left join (select sku, cast(sum(quantity) as bigint) as n from movements group by sku) m on m.sku = i.sku where i.on_hand <> coalesce(m.n, 0)",
        (row) => `${row.sku}: ${row.on_hand} on hand, the ledger says ${row.n}`,
      )),
      ...(await found<{ sku: string }>(
        inventory,
        "select sku from items where on_hand < 0 or reserved < 0 or reserved > on_hand",
        (row) => `${row.sku}: reserved or on hand is out of bounds`,
      )),
      ...(await shippedTwice(sources)),
    ];
    return {
      counted: `${await count(sources, "inventory", "items")} SKUs, ${await count(sources, "inventory", "movements")} movements`,
      violations,
    };
  },
};

/** What left the house for an order is what its hold named, once. */
const shippedTwice = (sources: Sources): Promise<string[]> =>
  found<{ order_id: string; sku: string }>(
    sources.databases.of("inventory"),
    "select order_id, sku from movements where kind = 'ship' group by order_id, sku having count(*) > 1",
    (row) => `order ${row.order_id}: ${row.sku} was shipped twice`,
  );

const holds = (sources: Sources): Promise<Hold[]> =>
  rowsOf<Hold>(
    sources,
    "inventory",
    "select order_id, lines, state, expires_at from reservations where state = 'held'",
  );

const statuses = async (sources: Sources): Promise<Map<string, string>> =>
  new Map(
    (await rowsOf<{ id: string; status: string }>(sources, "orders", "select id, status from orders")).map(
      (row) => [row.id, row.status],
    ),
  );

const open = new Set(["pending", "confirmed", "packed"]);

const i6: Check = {
  id: "I6",
  title: "reserved = sum of live holds, each of an open order or not expired",
  async run(sources) {
    const live = await holds(sources);
    const sums = new Map<string, number>();
    for (const { lines } of live)
      for (const { sku, quantity } of JSON.parse(lines) as { sku: string; quantity: number }[])
        sums.set(sku, (sums.get(sku) ?? 0) + quantity);
    const items = await rowsOf<{ sku: string; reserved: number }>(
      sources,
      "inventory",
      "select sku, reserved from items",
    );
    const wrong = items
      .filter((row) => row.reserved !== (sums.get(row.sku) ?? 0))
      .map((row) => `${row.sku}: ${row.reserved} reserved, its holds say ${sums.get(row.sku) ?? 0}`);
    const status = await statuses(sources);
    const ghosts = live
      .filter((hold) => hold.expires_at < sources.now && !open.has(status.get(hold.order_id) ?? ""))
      .map((hold) => `the hold of order ${hold.order_id} has expired and is still there`);
    return { counted: `${live.length} live holds`, violations: [...wrong, ...ghosts] };
  },
};

const i7: Check = {
  id: "I7",
  title: "a cancelled, rejected or expired order holds nothing; an open one holds its lines",
  async run(sources) {
    const status = await statuses(sources);
    const live = new Set((await holds(sources)).map((hold) => hold.order_id));
    const closed = ["cancelled", "rejected", "expired"];
    const left = [...live]
      .filter((id) => closed.includes(status.get(id) ?? ""))
      .map((id) => `order ${id} is ${status.get(id) ?? ""} and holds stock`);
    const standing = [...status].filter(([, one]) => one === "confirmed" || one === "packed");
    const shipping = new Set(
      (
        await rowsOf<{ order_id: string }>(
          sources,
          "orders",
          "select order_id from sagas where kind in ('ship', 'cancel')",
        )
      ).map((row) => row.order_id),
    );
    const bare = standing
      .filter(([id]) => !live.has(id) && !shipping.has(id))
      .map(([id, one]) => `order ${id} is ${one} and holds nothing`);
    return { counted: `${status.size} orders`, violations: [...left, ...bare] };
  },
};

/** Invariants of stock. */
export const stock = { i5, i6, i7 };
