import { expect } from "chai";
import pg from "pg";
import { uuidv7 } from "../../../mixins/uuid.ts";
import { refusalOf } from "../../helpers/shop.ts";
import type { TestStore } from "../../helpers/store.ts";
import { startCartStore, type CartStore } from "../carts/cart-store.ts";
import { anOrderId, authorize, gbp, startPayments, type ProviderCharge } from "./payment-store.ts";

const url = process.env["TEST_POSTGRES_URL"];
const newId = uuidv7({ now: () => Date.now() });

async function ask<R>(database: string | undefined, statement: string, values: string[] = []): Promise<R[]> {
  const address = new URL(url as string);
  if (database !== undefined) address.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: address.href });
  await client.connect();
  try {
    return (await client.query(statement, values)).rows as R[];
  } finally {
    await client.end();
  }
}

/** Two nodes of each actor, which know nothing of one another but the database. */
(url === undefined ? describe.skip : describe)("payments and carts: two nodes on one PostgreSQL", () => {
  const name = `payments_${process.pid}`;
  let nodes: TestStore[];
  let carts: CartStore[];

  before(async () => {
    await ask(undefined, `create database ${name}`);
    await ask(undefined, `create database ${name}_carts`);
    const address = (path: string) => Object.assign(new URL(url as string), { pathname: `/${path}` }).href;
    const payments = () =>
      startPayments({ env: { PAYMENTS_DB_URL: address(name), APP_SECRET: "s".repeat(40) } });
    nodes = await Promise.all([payments(), payments()]);
    const cartNode = () =>
      startCartStore({ env: { CARTS_DB_URL: address(`${name}_carts`), APP_SECRET: "s".repeat(40) } });
    carts = await Promise.all([cartNode(), cartNode()]);
  });
  after(async () => {
    await Promise.all([...(nodes ?? []), ...(carts ?? [])].map((store) => store.stop()));
    await ask(undefined, `drop database if exists ${name} with (force)`);
    await ask(undefined, `drop database if exists ${name}_carts with (force)`);
  });

  const at = (i: number): TestStore => nodes[i % 2] as TestStore;
  const chargesOf = (orderId: string) =>
    ask<ProviderCharge>(name, "select * from test_provider_charges where order_id = $1", [orderId]);
  const times = (n: number, work: (i: number) => Promise<unknown>) =>
    Promise.allSettled(Array.from({ length: n }, (_, i) => work(i)));

  it("charges once for 50 authorizations at once on both nodes", async () => {
    const orderId = anOrderId();
    const payments = await Promise.all(Array.from({ length: 50 }, (_, i) => authorize(at(i), orderId)));
    expect(new Set(payments.map(({ id }) => id)).size).to.equal(1);
    expect(await chargesOf(orderId)).to.have.length(1);
  }).timeout(20_000);

  it("gives back no more than was captured: 50 refunds at once on both nodes", async () => {
    const orderId = anOrderId();
    await authorize(at(0), orderId, "tok_visa", 1000);
    await at(1).call("payments.capture", { orderId });
    const results = await times(50, (i) =>
      at(i).call("payments.refund", { orderId, refundId: newId(), amount: gbp(100), reason: "" }),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).to.have.length(10);
    const [charge] = await chargesOf(orderId);
    expect(Number(charge?.refunded)).to.equal(1000);
    const booked = await ask<{ sum: string }>(
      name,
      "select sum(amount) from ledger_entries where order_id = $1 and account = 'refunds'",
      [orderId],
    );
    expect(Number(booked[0]?.sum)).to.equal(1000);
  }).timeout(20_000);

  it("never ends charged and voided when one node authorizes and the other voids", async () => {
    const results = await times(30, async (i) => {
      const orderId = anOrderId();
      const token = i % 3 ? "tok_visa" : "tok_timeout_after_charge";
      await Promise.all([authorize(at(i), orderId, token), at(i + 1).call("payments.void", { orderId })]);
      const [charge] = await chargesOf(orderId);
      expect(charge?.status ?? "voided").to.equal("voided");
      expect((await authorize(at(i), orderId)).status).to.equal("voided");
    });
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }).timeout(30_000);

  it("reports a late authorization once", async () => {
    const orderId = anOrderId();
    await authorize(at(0), orderId, "tok_webhook_twice");
    expect((await at(1).call("payments.get", { orderId }))?.status).to.equal("authorized");
  }).timeout(20_000);

  it("loses no line of a cart that both nodes change, and keeps one cart per account", async () => {
    const [one, two] = carts as [CartStore, CartStore];
    const cart = await one.call("carts.create", { currency: "GBP" });
    const meta = { cartSecret: cart.secret as string };
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        (i % 2 ? one : two).call(
          "carts.addLine",
          { id: cart.id, sku: "TEA", quantity: 1 },
          { meta: { ...meta } },
        ),
      ),
    );
    expect((await two.call("carts.get", { id: cart.id }, { meta })).lines[0]?.quantity).to.equal(40);
    const id = newId();
    const customer = {
      caller: { kind: "account", id, role: "customer", session: id, email: "a@example.com" },
    } as const;
    const opened = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? one : two).call("carts.create", { currency: "GBP" }, { meta: { ...customer } }),
      ),
    );
    expect(new Set(opened.map((made) => made.id)).size).to.equal(1);
    expect(await refusalOf(two.call("carts.get", { id: newId() }))).to.include({ type: "CART_NOT_FOUND" });
  }).timeout(20_000);
});
