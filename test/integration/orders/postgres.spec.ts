import { expect } from "chai";
import pg from "pg";
import type { Payment } from "../../../services/payments/payments.contract.ts";
import { eventually } from "../../helpers/eventually.ts";
import { onShelf, startOrderStore, stock, type OrderStore } from "../../helpers/order-store.ts";
import { aCustomer, anOrder, freshKey, place, refusalOf, staff } from "../../helpers/shop.ts";
import { testClock } from "../../helpers/store.ts";

const url = process.env["TEST_POSTGRES_URL"];
const appSecret = "s".repeat(40);

async function ask<R>(database: string | undefined, statement: string): Promise<R[]> {
  const address = new URL(url as string);
  if (database !== undefined) address.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: address.href });
  await client.connect();
  try {
    return (await client.query(statement)).rows as R[];
  } finally {
    await client.end();
  }
}

/** Two nodes of orders and inventory that know nothing of one another but the databases; the second one's clock is ahead. */
(url === undefined ? describe.skip : describe)("orders and inventory: two nodes on one PostgreSQL", () => {
  const name = `orders_${process.pid}`;
  let nodes: OrderStore[];

  before(async () => {
    await ask(undefined, `create database ${name}`);
    await ask(undefined, `create database ${name}_stock`);
    const at = (path: string) => Object.assign(new URL(url as string), { pathname: `/${path}` }).href;
    const env = {
      ORDERS_DB_URL: at(name),
      INVENTORY_DB_URL: at(`${name}_stock`),
      APP_SECRET: appSecret,
    };
    const prices = { MUG: 1000, TEA: 333, RARE: 5000, LAST: 100 };
    const payments: OrderStore["payments"] = new Map();
    const ahead = testClock();
    ahead.advance(20_000);
    nodes = await Promise.all([
      startOrderStore(prices, { env }, payments),
      startOrderStore(prices, { env, clock: ahead }, payments),
    ]);
    await stock(at0(), { MUG: 100_000, TEA: 100_000, RARE: 20, LAST: 100_000 });
  });
  after(async () => {
    await Promise.all((nodes ?? []).map((store) => store.stop()));
    await ask(undefined, `drop database if exists ${name} with (force)`);
    await ask(undefined, `drop database if exists ${name}_stock with (force)`);
  });

  const node = (i: number): OrderStore => nodes[i % 2] as OrderStore;
  const at0 = (): OrderStore => node(0);
  const asStaff = () => ({ meta: { ...staff, idempotencyKey: freshKey() } });
  const times = <R>(n: number, work: (i: number) => Promise<R>) =>
    Promise.allSettled(Array.from({ length: n }, (_, i) => work(i)));
  const idle = () =>
    eventually(
      async () => (await ask<{ n: string }>(name, "select count(*) as n from sagas"))[0]?.n === "0",
      15_000,
    );

  it("sells the 20 pieces that are left once, to shoppers at both nodes with crossing lines", async () => {
    const orders = await times(60, (i) =>
      place(
        node(i),
        anOrder(
          i % 3 === 0
            ? [
                { sku: "TEA", quantity: 1 },
                { sku: "RARE", quantity: 1 },
                { sku: "MUG", quantity: 1 },
              ]
            : [
                { sku: "RARE", quantity: 1 },
                { sku: "MUG", quantity: 1 },
                { sku: "TEA", quantity: 1 },
              ],
        ),
      ),
    );
    const refused = orders.flatMap((one) =>
      one.status === "rejected" ? [one.reason as { type: string }] : [],
    );
    expect(new Set(refused.map(({ type }) => type))).to.deep.equal(new Set(["OUT_OF_STOCK"]));
    expect(orders.length - refused.length).to.equal(20);
    expect(await onShelf(at0(), "RARE")).to.deep.equal([20, 20]);
    await idle();
  }).timeout(40_000);

  it("takes and ends holds that cross between the nodes without one deadlock", async () => {
    const reserve = (i: number, orderId: string, sku: string) =>
      node(i).call("inventory.reserve", { orderId, lines: [{ sku, quantity: 1 }], ttlSeconds: 600 });
    let made = 0;
    const fresh = () => `0198c0de-0000-7000-8000-${String(++made).padStart(12, "0")}`;
    const cross = async () => {
      const [a, b] = [fresh(), fresh()];
      await Promise.all([reserve(0, a, "TEA"), reserve(1, b, "MUG")]);
      await Promise.all([
        reserve(0, fresh(), "MUG"),
        node(0).call("inventory.release", { orderId: a }),
        reserve(1, fresh(), "TEA"),
        node(1).call("inventory.release", { orderId: b }),
      ]);
    };
    for (let round = 0; round < 40; round++) await cross();
    const [counted] = await ask<{ deadlocks: string }>(
      undefined,
      `select deadlocks from pg_stat_database where datname = '${name}_stock'`,
    );
    expect(counted?.deadlocks).to.equal("0");
  }).timeout(90_000);

  it("makes one order of one key at both nodes, and gives all one answer", async () => {
    const meta = { idempotencyKey: freshKey() };
    const body = anOrder([{ sku: "TEA", quantity: 1 }]);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => node(i).call("orders.place", body, { meta: { ...meta } })),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).to.equal(1);
  }).timeout(40_000);

  it("counts a coupon for five once per use, whichever node is asked", async () => {
    const coupon = { code: "FIVE", kind: "percent" as const, value: 10, maxUses: 5, maxUsesPerCustomer: 1 };
    await at0().call("orders.createCoupon", coupon, asStaff());
    const orders = await times(40, (i) =>
      place(node(i), anOrder([{ sku: "TEA", quantity: 1 }], { couponCode: "FIVE" }), {
        ...aCustomer(Math.floor(i / 2) + 1),
      }),
    );
    const refused = orders.flatMap((one) =>
      one.status === "rejected" ? [one.reason as { type: string }] : [],
    );
    expect(new Set(refused.map(({ type }) => type))).to.deep.equal(new Set(["COUPON_NOT_APPLICABLE"]));
    expect(orders.length - refused.length).to.equal(5);
    const uses = await ask<{ customer: string }>(
      name,
      "select customer from coupon_uses where code = 'FIVE'",
    );
    expect(new Set(uses.map(({ customer }) => customer)).size).to.equal(5);
  }).timeout(40_000);

  it("ships or cancels an order once, with one answer a key, whichever node is asked", async () => {
    const order = await place(at0(), anOrder([{ sku: "MUG", quantity: 1 }]));
    const ship = asStaff();
    const cancel = asStaff();
    const answers = await times(20, (i) =>
      i % 2 === 0
        ? node(i >> 1).call("orders.ship", { id: order.id }, { meta: { ...ship.meta } })
        : node(i >> 1).call("orders.adminCancel", { id: order.id }, { meta: { ...cancel.meta } }),
    );
    const done = answers.flatMap((one) => (one.status === "fulfilled" ? [JSON.stringify(one.value)] : []));
    expect(new Set(done).size).to.equal(1);
    expect(done).to.have.length(10);
    await idle();
  }).timeout(40_000);

  it("confirms an order whose payment was decided later, whichever node hears of it", async () => {
    const body = anOrder([{ sku: "MUG", quantity: 1 }], { payment: { provider: "test", token: "tok_3ds" } });
    const order = await place(at0(), body);
    const payment = { ...at0().payments.get(order.id), status: "authorized" } as Payment;
    at0().payments.set(order.id, payment);
    const event = {
      id: order.id,
      type: "payments.decided",
      entity: order.id,
      version: 2,
      at: order.placedAt,
      payload: { payment },
    };
    await node(1).call("orders.receive", { from: "payments", events: [event] });
    await eventually(
      async () => (await at0().call("orders.adminGet", { id: order.id })).status === "confirmed",
    );
    await idle();
  }).timeout(20_000);

  it("counts every order once in the figures of its day", async () => {
    const figures = async () => (await at0().call("orders.stats", { days: 2 })).days;
    await eventually(async () => {
      const confirmed = await ask<{ n: string }>(
        name,
        "select count(*) as n from order_events where type = 'confirmed'",
      );
      const orders = (await figures()).reduce((sum, day) => sum + day.orders, 0);
      return orders === Number(confirmed[0]?.n);
    }, 15_000);
  }).timeout(20_000);

  it("answers text that PostgreSQL does not take with a refusal at most", async () => {
    const order = await place(at0(), anOrder([{ sku: "MUG", quantity: 1 }]));
    await at0().call("orders.ship", { id: order.id, carrier: "\ud800" }, asStaff());
    const meta = { orderSecret: order.secret ?? "" };
    const lines = [{ sku: "MUG", quantity: 1 }];
    const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const calls: (() => Promise<unknown>)[] = [
      () =>
        at0().call("orders.requestReturn", { id: order.id, lines, reason: "half \ud800 a pair" }, { meta }),
      () => at0().call("orders.list", { cursor: cursor(["\u0000"]) }),
      () => at0().call("orders.list", { sort: "total", cursor: cursor([1.5, "x"]) }),
      () => at0().call("orders.list", { sort: "total", cursor: cursor([1e300, "x"]) }),
      () => place(at0(), anOrder([{ sku: "\ud800", quantity: 1 }])),
      () => place(at0(), anOrder(lines, { couponCode: "\ud800\ud800" })),
      () =>
        place(
          at0(),
          anOrder(lines, { shippingAddress: { ...anOrder(lines).shippingAddress, name: "\udc00" } }),
        ),
    ];
    for (const call of calls) {
      const answer = await call().catch((error: unknown) => error as { code: number; type: string });
      const code = (answer as { code?: number; cause?: unknown }).code ?? 200;
      expect(code, call.toString()).to.be.below(500);
    }
  }).timeout(20_000);

  it("finds stock by the beginning of its SKU", async () => {
    const { data } = await node(1).call("inventory.list", { q: "MU" });
    expect(data.map(({ sku }) => sku)).to.deep.equal(["MUG"]);
    expect(await refusalOf(node(1).call("inventory.get", { sku: "mug" }))).to.include({ code: 404 });
  });
});
