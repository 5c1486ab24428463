import { expect } from "chai";
import { importCatalogue } from "../../scripts/replay/import.ts";
import type { ActionMap } from "../../services/contracts.ts";
import type { Order } from "../../services/orders/orders.shapes.ts";
import type { Answer } from "../helpers/http.ts";
import { anOrder, freshKey, type PlaceBody } from "../helpers/shop.ts";
import { startStore, type TestStore } from "../helpers/store.ts";

type Item = ActionMap["inventory.get"]["returns"];
type Body = Order & { code?: string };

const articles = [
  { sku: "LAST-PIECES", name: "Kettle", price: 4500, sold: 20 },
  { sku: "PLENTY", name: "Spoon", price: 250, sold: 10_000 },
];

describe("fifty at once over HTTP", function () {
  this.timeout(60_000);
  let store: TestStore;
  let token: string;

  before(async () => {
    store = await startStore();
    const { body } = await store.http.post<{ accessToken: string }>("auth/login", {
      email: "admin@valence.local",
      password: "correct horse battery",
    });
    token = body.accessToken;
    await importCatalogue(store.url, { authorization: `Bearer ${token}` }, articles, () => undefined);
  });
  after(() => store.stop());

  const fifty = <R>(send: (n: number) => Promise<R>): Promise<R[]> =>
    Promise.all(Array.from({ length: 50 }, (_, n) => send(n)));
  const place = (body: PlaceBody, key = freshKey()) => store.http.post<Body>("orders", body, { key });
  const item = async (sku: string): Promise<Item> =>
    (await store.http.get<Item>(`admin/inventory/${sku}`, { token })).body;
  const withStatus = <T>(answers: readonly Answer<T>[], status: number): Answer<T>[] =>
    answers.filter((answer) => answer.status === status);
  const codes = (answers: readonly Answer<Body>[]): Set<string | undefined> =>
    new Set(answers.map(({ body }) => body.code));

  it("sells twenty pieces to exactly twenty of fifty shoppers", async () => {
    const answers = await fifty(() => place(anOrder([{ sku: "LAST-PIECES", quantity: 1 }])));
    expect(withStatus(answers, 201)).to.have.lengthOf(20);
    const refused = withStatus(answers, 409);
    expect(refused).to.have.lengthOf(30);
    expect(codes(refused)).to.deep.equal(new Set(["OUT_OF_STOCK"]));
    expect(await item("LAST-PIECES")).to.include({ onHand: 20, reserved: 20, available: 0 });
  });

  it("lets one of fifty use a one-time coupon", async () => {
    const coupon = { code: "ONCE", kind: "amount", value: 100, currency: "GBP", maxUses: 1 };
    expect((await store.http.post("admin/coupons", coupon, { token })).status).to.equal(201);
    const before = (await item("PLENTY")).reserved;
    const answers = await fifty(() =>
      place(anOrder([{ sku: "PLENTY", quantity: 1 }], { couponCode: "ONCE" })),
    );
    const [winner, ...others] = withStatus(answers, 201);
    expect(others).to.have.lengthOf(0);
    expect(winner?.body.discount.amount).to.equal(100);
    expect(codes(withStatus(answers, 422))).to.deep.equal(new Set(["COUPON_NOT_APPLICABLE"]));
    expect(withStatus(answers, 422)).to.have.lengthOf(49);
    expect((await item("PLENTY")).reserved).to.equal(before + 1);
  });

  it("never refunds more than was captured", async () => {
    const { body: order } = await place(anOrder([{ sku: "PLENTY", quantity: 10 }]));
    for (const move of ["pack", "ship"])
      expect((await store.http.post(`admin/orders/${order.id}/${move}`, {}, { token })).status).to.equal(200);
    const part = Math.floor(order.total.amount / 7);
    const amount = { amount: part, currency: "GBP" };
    const answers = await fifty(() =>
      store.http.post<Body>(
        `admin/orders/${order.id}/refund`,
        { amount, reason: "damaged" },
        { token, key: freshKey() },
      ),
    );
    expect(withStatus(answers, 200)).to.have.lengthOf(7);
    expect(withStatus(answers, 409)).to.have.lengthOf(43);
    const { body } = await store.http.get<Order>(`admin/orders/${order.id}`, { token });
    expect(body.payment.captured.amount).to.equal(order.total.amount);
    expect(body.payment.refunded.amount).to.equal(7 * part);
    expect(body.refunds).to.have.lengthOf(7);
  });

  it("makes one order of one key, with fifty equal answers", async () => {
    const before = (await item("PLENTY")).reserved;
    const key = freshKey();
    const body = anOrder([{ sku: "PLENTY", quantity: 3 }]);
    const answers = await fifty(() => place(body, key));
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([201]));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body)))).to.have.property("size", 1);
    expect((await item("PLENTY")).reserved).to.equal(before + 3);
  });

  it("refuses one key fifty times with equal answers", async () => {
    const key = freshKey();
    const body = anOrder([{ sku: "PLENTY", quantity: 1 }], {
      payment: { provider: "test", token: "tok_declined" },
    });
    const answers = await fifty(() => place(body, key));
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([402]));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body)))).to.have.property("size", 1);
  });

  it("makes one order of a cart that fifty keys order", async () => {
    const { body: cart } = await store.http.post<{ id: string; secret: string }>("carts", {
      currency: "GBP",
    });
    const headers = { "x-cart-secret": cart.secret };
    await store.http.post(`carts/${cart.id}/lines`, { sku: "PLENTY", quantity: 1 }, { headers });
    const { lines: _lines, currency: _currency, ...rest } = anOrder([]);
    const answers = await fifty(() =>
      store.http.post<Body>("orders", { ...rest, cartId: cart.id }, { headers, key: freshKey() }),
    );
    expect(withStatus(answers, 201)).to.have.lengthOf(1);
    expect(withStatus(answers, 409)).to.have.lengthOf(49);
  });
});
