import { expect } from "chai";
import { Client, login, type Answer } from "../../scripts/lib/client.ts";
import { importCatalogue } from "../../scripts/replay/import.ts";
import { runChecks } from "../../scripts/verify/run.ts";
import { violationsOf } from "../../scripts/crash/settle.ts";
import { eventually } from "../helpers/eventually.ts";
import { needsServers, startClusterStore, type ClusterStore } from "./cluster-store.ts";
import { freshKey, orderOf } from "./load.ts";

const PIECES = 5;
const ROUNDS = 20;
const RACERS = 50;

const article = (sku: string, sold: number) => ({ sku, name: sku, price: 1000, sold });
const last = Array.from({ length: ROUNDS }, (_, n) => article(`LAST-${n + 1}`, PIECES));
const crossing = Array.from({ length: 6 }, (_, n) => article(`CROSS-${n + 1}`, 10_000));

describe("races over two gateways and two nodes of each actor", function () {
  this.timeout(120_000);
  let store: ClusterStore;
  let gateways: Client[];
  let staff: Record<string, string>;

  before(async function () {
    needsServers(this);
    store = await startClusterStore();
    gateways = store.nodes
      .filter(({ plan }) => plan.group === "gateway")
      .map(({ port }) => new Client(`http://127.0.0.1:${port}`));
    staff = await login(gateways[0] as Client, "admin@example.com", "correct horse battery");
    await importCatalogue(store.url, staff, [...last, ...crossing, article("SAME", 1000)], () => undefined);
  });
  after(async () => {
    for (const gateway of gateways ?? []) gateway.close();
    await store?.end();
  });

  type Body = { id?: string; code?: string };
  const at = (n: number): Client => gateways[n % gateways.length] as Client;
  const place = (n: number, body: object, headers = freshKey()): Promise<Answer<Body>> =>
    at(n).send<Body>({ method: "POST", path: "/orders", body, headers });
  const statuses = (answers: readonly Answer<unknown>[]): Record<number, number> => {
    const counted: Record<number, number> = {};
    for (const { status } of answers) counted[status] = (counted[status] ?? 0) + 1;
    return counted;
  };
  const race = (work: (n: number) => Promise<Answer<Body>>) =>
    Promise.all(Array.from({ length: RACERS }, (_, n) => work(n)));

  it(`sells ${PIECES} pieces to ${PIECES} of ${RACERS} buyers, ${ROUNDS} times of ${ROUNDS}`, async () => {
    for (const { sku } of last) {
      const answers = await race((n) => place(n, orderOf(sku)));
      const sold = answers.filter(({ status }) => status === 201);
      const refused = answers.filter(({ status, body }) => status === 409 && body.code === "OUT_OF_STOCK");
      expect(sold, sku).to.have.length(PIECES);
      expect(refused, sku).to.have.length(RACERS - PIECES);
    }
  });

  it("makes one order of fifty requests with one key, and gives one answer", async () => {
    const key = freshKey();
    const answers = await race((n) => place(n, orderOf("SAME"), key));
    expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => 201));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).to.equal(1);
  });

  it("gives one answer to a cart's order that is pressed ten times, twenty carts of twenty", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      type Cart = { id: string; secret: string };
      const { id, secret } = await at(round).expect<Cart>(201, { method: "POST", path: "/carts", body: {} });
      const holder = { "x-cart-secret": secret };
      const line = { sku: "SAME", quantity: 1 };
      await at(round).expect(201, {
        method: "POST",
        path: `/carts/${id}/lines`,
        body: line,
        headers: holder,
      });
      const { lines: _lines, currency: _currency, ...details } = orderOf("SAME");
      const key = { ...holder, ...freshKey() };
      const presses = Array.from({ length: 10 }, (_, n) => place(n, { ...details, cartId: id }, key));
      const answers = await Promise.all(presses);
      expect(statuses(answers), id).to.deep.equal({ 201: 10 });
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).to.equal(1);
    }
  });

  it("lets one of fifty use a one-time coupon", async () => {
    const coupon = { code: "ONCE", kind: "amount", value: 100, currency: "GBP", maxUses: 1 };
    await at(0).expect(201, { method: "POST", path: "/admin/coupons", body: coupon, headers: staff });
    const answers = await race((n) => place(n, { ...orderOf("SAME"), couponCode: "ONCE" }));
    expect(statuses(answers)).to.deep.equal({ 201: 1, 422: RACERS - 1 });
  });

  it("never refunds more than was captured, whoever of fifty asks", async () => {
    const { body: order } = await place(0, orderOf("SAME", 10));
    const path = `/admin/orders/${order.id ?? ""}`;
    for (const move of ["pack", "ship"])
      await at(0).expect(200, { method: "POST", path: `${path}/${move}`, body: {}, headers: staff });
    type Paid = { payment: { captured: { amount: number }; refunded: { amount: number } } };
    const { payment } = await at(1).expect<Paid>(200, { path, headers: staff });
    const part = Math.floor(payment.captured.amount / 7);
    const refund = { amount: { amount: part, currency: "GBP" }, reason: "damaged" };
    const answers = await race((n) =>
      at(n).send<Body>({
        method: "POST",
        path: `${path}/refund`,
        body: refund,
        headers: { ...staff, ...freshKey() },
      }),
    );
    const done = answers.filter(({ status }) => status === 200);
    // Refunds of one order run one after the other; who waits too long is told that it is busy.
    expect(answers.filter(({ status }) => status !== 200 && status !== 409)).to.deep.equal([]);
    expect(done.length).to.be.within(1, 7);
    const after = await at(0).expect<Paid>(200, { path, headers: staff });
    expect(after.payment.refunded.amount).to.equal(done.length * part);
  });

  it("takes every order when the lines of many cross", async () => {
    const lines = crossing.map(({ sku }) => ({ sku, quantity: 1 }));
    for (let round = 0; round < 4; round++) {
      const answers = await race((n) =>
        place(n, { ...orderOf("SAME"), lines: n % 2 ? lines : [...lines].reverse() }),
      );
      expect(answers.filter(({ status }) => status !== 201).map(({ body }) => body)).to.deep.equal([]);
    }
  });

  it("leaves databases in which every invariant holds", async () => {
    const look = () => runChecks(store, { running: true });
    await eventually(async () => expect(violationsOf(await look())).to.deep.equal([]), 20_000);
  });
});
