import process from "node:process";
import { expect } from "chai";
import fc from "fast-check";
import pg from "pg";
import type { CartsActor } from "../../../services/carts/carts.actor.ts";
import { findCart } from "../../../services/carts/carts.model.ts";
import { eventually } from "../../helpers/eventually.ts";
import { aCustomer, anAddress, freshKey, place, refusalOf } from "../../helpers/shop.ts";
import { aGuestCart, readsOf, startCartStore, type CartStore } from "./cart-store.ts";

describe("carts: a checkout of what an embedded store remembers", () => {
  let store: CartStore;
  let node: CartsActor;

  before(async () => {
    store = await startCartStore({ env: { SANDBOX: "on" } });
    node = store.broker.getLocalService("carts") as unknown as CartsActor;
  });
  after(() => store.stop());

  const checkout = (id: string, meta: object) => store.call("carts.checkout", { id }, { meta: { ...meta } });
  const rowOf = async (id: string) => (await findCart(node.store.read, id))!;
  const filled = async () => {
    const { id, meta } = await aGuestCart(store);
    await store.call("carts.addLine", { id, sku: "TEA", quantity: 2 }, { meta: { ...meta } });
    return { id, meta };
  };
  it("reads no row, and one when the cart is not remembered", async () => {
    const { id, meta } = await filled();
    expect(await readsOf(node, () => checkout(id, meta))).to.equal(0);
    node.seen.delete(id);
    expect(await readsOf(node, () => checkout(id, meta))).to.equal(1);
  });

  it("is for the cart's holder alone", async () => {
    const { id } = await filled();
    expect(await refusalOf(checkout(id, { cartSecret: "x".repeat(43) }))).to.include({
      type: "CART_NOT_FOUND",
      code: 404,
    });
  });

  it("is refused once the cart was ordered, merged, wiped or too old", async () => {
    const ordered = await filled();
    const order = {
      cartId: ordered.id,
      email: "ada@example.com",
      shippingAddress: anAddress,
      shippingMethod: "standard" as const,
      payment: { provider: "test" as const, token: "tok_visa" },
    };
    await place(store, order, ordered.meta);
    await eventually(async () => (await rowOf(ordered.id)).status === "converted");
    expect(await refusalOf(checkout(ordered.id, ordered.meta))).to.include({ type: "CART_CLOSED" });

    const merged = await filled();
    await store.call("carts.merge", { id: merged.id }, { meta: { ...merged.meta, ...aCustomer(31) } });
    expect(await refusalOf(checkout(merged.id, merged.meta))).to.include({ type: "CART_CLOSED" });

    const wiped = await filled();
    await store.call("carts.wipe", {});
    expect(await refusalOf(checkout(wiped.id, wiped.meta))).to.include({ type: "CART_NOT_FOUND" });

    const old = await filled();
    store.clock.advance(31 * 24 * 3_600_000);
    expect(await refusalOf(checkout(old.id, old.meta))).to.include({ type: "CART_NOT_FOUND" });
  });

  it("is of the row as the last commit left it, through any mix of changes at once", async () => {
    const customer = aCustomer(32);
    interface Change {
      what: string;
      quantity: number;
      sku: string;
    }
    const change: fc.Arbitrary<Change> = fc.record({
      what: fc.constantFrom("add", "addKeyed", "set", "remove", "currency", "update", "merge"),
      quantity: fc.integer({ min: 1, max: 5 }),
      sku: fc.constantFrom("TEA", "MUG"),
    });
    const work = (id: string, meta: object, { what, sku, quantity }: Change) => {
      const options = { meta: { ...meta } };
      if (what === "add") return store.call("carts.addLine", { id, sku, quantity }, options);
      if (what === "addKeyed")
        return store.call(
          "carts.addLine",
          { id, sku, quantity },
          { meta: { ...meta, idempotencyKey: freshKey() } },
        );
      if (what === "set") return store.call("carts.setLine", { id, sku, quantity }, options);
      if (what === "remove") return store.call("carts.removeLine", { id, sku }, options);
      if (what === "currency")
        return store.call("carts.setCurrency", { id, currency: quantity % 2 ? "EUR" : "GBP" }, options);
      if (what === "update")
        return store.call("carts.update", { id, email: `${quantity}@example.com` }, options);
      return store.call("carts.merge", { id }, { meta: { ...meta, ...customer } });
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 4 }), async (bursts) => {
        const { id, meta } = await filled();
        for (const burst of bursts) {
          await Promise.allSettled(burst.map((one) => work(id, meta, one)));
          const row = await rowOf(id);
          const remembered = node.seen.get(id, store.clock.now());
          if (remembered) expect(remembered).to.deep.equal(row);
          if (row.status !== "open" || row.lines.length === 0) continue;
          expect(await checkout(id, meta)).to.deep.include({
            version: row.version,
            currency: row.currency,
            email: row.email,
            lines: row.lines.map(({ sku, quantity }) => ({ sku, quantity })),
          });
        }
      }),
      { numRuns: 60 },
    );
  });
});

const url = process.env["TEST_POSTGRES_URL"];
if (url === undefined)
  console.warn("\n  !! TEST_POSTGRES_URL is not set: a checkout on a shared database is not tested\n");
(url === undefined ? describe.skip : describe)("carts: a checkout on a database that nodes share", () => {
  const name = `remembered_${process.pid}`;
  const at = Object.assign(new URL(url ?? "postgres://none"), { pathname: `/${name}` }).href;
  const ask = async (database: string | undefined, statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: database });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  let store: CartStore;

  before(async () => {
    await ask(url, `create database ${name}`);
    store = await startCartStore({ env: { CARTS_DB_URL: at } });
  });
  after(async () => {
    await store?.stop();
    await ask(url, `drop database if exists ${name} with (force)`);
  });

  it("takes the cart as another node left it, not as this one remembers it", async () => {
    const { id, meta } = await aGuestCart(store);
    await store.call("carts.addLine", { id, sku: "TEA", quantity: 2 }, { meta: { ...meta } });
    await ask(at, `update carts set lines = '[]', version = version + 1 where id = '${id}'`);
    const refusal = await refusalOf(store.call("carts.checkout", { id }, { meta: { ...meta } }));
    expect(refusal).to.include({ type: "CART_EMPTY" });
  });
});
