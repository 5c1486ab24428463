import { networkInterfaces } from "node:os";
import { expect } from "chai";
import { contextOf } from "../../../mixins/context.ts";
import { eventually } from "../../helpers/eventually.ts";
import { startOrderStore, stock, type OrderStore } from "../../helpers/order-store.ts";
import { anOrder, freshKey, place } from "../../helpers/shop.ts";
import { freePort, startStore, type TestStore } from "../../helpers/store.ts";
import { figure, scrape } from "./scrape.ts";

const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "none",
    (error: unknown) => (error as { type: string }).type,
  );

describe("the metrics pages", () => {
  let store: OrderStore;
  let port: number;
  let node: string;
  let cluster: string;
  let revenue: number;

  before(async () => {
    port = await freePort();
    store = await startOrderStore(
      { TEA: 250, MUG: 900 },
      {
        services: ["orders", "inventory", "metrics"],
        env: { METRICS_PORT: String(port) },
      },
    );
    await stock(store, { TEA: 10, MUG: 1 });
    const meta = { idempotencyKey: freshKey() };
    const first = await place(store, anOrder([{ sku: "TEA", quantity: 2 }]), meta);
    const again = await place(store, anOrder([{ sku: "TEA", quantity: 2 }]), meta);
    expect(again.id).to.equal(first.id);
    const second = await place(store, anOrder([{ sku: "MUG", quantity: 1 }]));
    expect(await refusal(place(store, anOrder([{ sku: "MUG", quantity: 1 }])))).to.equal("OUT_OF_STOCK");
    const declined = anOrder([{ sku: "TEA", quantity: 1 }], {
      payment: { provider: "test", token: "tok_declined" },
    });
    expect(await refusal(place(store, declined))).to.equal("PAYMENT_DECLINED");
    revenue = first.total.amount + second.total.amount;
    node = await scrape(port);
    cluster = await eventually(async () => {
      const page = await scrape(port, "/cluster");
      return figure(page, "valence_day_orders") === 2 ? page : undefined;
    }, 10_000);
  });
  after(() => store.stop());

  it("count each order once, its repeat not", () => {
    expect(figure(node, "valence_orders_placed_total", 'status="confirmed"')).to.equal(2);
    expect(figure(node, "valence_revenue_minor_total", 'currency="GBP"')).to.equal(revenue);
  });

  it("count what was refused for want of stock and of money", () => {
    expect(figure(node, "valence_oversell_refused_total")).to.equal(1);
    expect(figure(node, "valence_payments_declined_total")).to.equal(1);
    expect(figure(node, "valence_orders_refused_total", 'code="OUT_OF_STOCK"')).to.equal(1);
  });

  it("count the steps of the sagas by how they ended", () => {
    const step = (name: string, outcome: string) =>
      figure(node, "valence_saga_steps_total", `step="${name}"`, `outcome="${outcome}"`);
    expect(step("inventory.reserve", "done")).to.equal(3);
    expect(step("inventory.reserve", "OUT_OF_STOCK")).to.equal(1);
    expect(step("payments.authorize", "done")).to.equal(3);
  });

  it("show what was counted before on every visit, and no more", async () => {
    expect(figure(await scrape(port), "valence_orders_placed_total", 'status="confirmed"')).to.equal(2);
  });

  it("begin the failures of an action with none, so that Prometheus counts the first ones", async () => {
    const failed = (page: string) =>
      figure(page, "moleculer_request_error_total", 'action="orders.get"', 'errorCode="404"');
    const unknown = () => refusal(store.call("orders.get", { id: "0198c0de-0000-7000-8000-00000000dead" }));
    expect(await unknown()).to.equal("ORDER_NOT_FOUND");
    await unknown();
    expect(failed(await scrape(port))).to.equal(0);
    expect(failed(await scrape(port))).to.equal(2);
    await unknown();
    expect(failed(await scrape(port))).to.equal(3);
  });

  it("show the calls, mailboxes and event loop of the node", async () => {
    expect(figure(node, "moleculer_request_total", 'action="orders.place"')).to.equal(5);
    expect(figure(node, "process_uptime")).to.be.greaterThan(0);
    const later = await eventually(async () => {
      const page = await scrape(port);
      return figure(page, "valence_mailbox_jobs", 'actor="orders"') ? page : undefined;
    });
    expect(figure(later, "valence_mailbox_batches", 'actor="orders"')).to.be.greaterThan(0);
    expect(figure(later, "valence_event_loop_lag_seconds", 'quantile="0.99"')).to.be.a("number");
  });

  it("show the whole cluster and the day's figures on one page", () => {
    expect(figure(cluster, "moleculer_nodes_total")).to.equal(1);
    expect(figure(cluster, "moleculer_nodes", `nodeID="${store.broker.nodeID}"`)).to.equal(1);
    expect(figure(cluster, "moleculer_service_endpoints_total", 'service="orders"')).to.equal(1);
    expect(figure(cluster, "valence_day_revenue_minor", 'currency="GBP"')).to.equal(revenue);
    expect(figure(cluster, "valence_parked_messages", 'actor="orders"')).to.equal(0);
    expect(figure(cluster, "valence_actor_up", 'actor="orders"')).to.equal(1);
    expect(figure(cluster, "valence_actor_up", 'actor="carts"')).to.equal(0);
    expect(cluster).not.to.include('"undefined"');
  });

  it("tell a probe whether the node lives and is ready", async () => {
    expect(await scrape(port, "/live")).to.equal("live\n");
    expect(await scrape(port, "/ready")).to.equal("ready\n");
    const { opening } = contextOf(store.broker);
    opening.add("a catalogue");
    expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).to.equal(503);
    opening.clear();
  });

  it("say nothing of the host's user, networks and command line", () => {
    const pages = node + cluster;
    expect(pages).not.to.match(/^(os_user|os_network|process_arguments)/m);
    for (const address of Object.values(networkInterfaces()).flat())
      if (address && !address.internal) expect(pages).not.to.include(address.address);
  });

  it("listen on the store's own address alone", async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((one) => one && !one.internal && one.family === "IPv4");
    if (outside === undefined) return;
    const code = await fetch(`http://${outside.address}:${port}/metrics`).then(
      () => "answered",
      () => "refused",
    );
    expect(code).to.equal("refused");
  });
});

describe("a store without METRICS_PORT", () => {
  let store: TestStore;
  before(async () => {
    store = await startStore({ services: ["metrics"] });
  });
  after(() => store.stop());

  it("measures nothing and answers an empty page", async () => {
    expect(store.broker.isMetricsEnabled()).to.equal(false);
    expect((await store.call("metrics.page", {})).body).to.equal("");
  });
});
