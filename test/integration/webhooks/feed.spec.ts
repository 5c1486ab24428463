import { expect } from "chai";
import { eventually } from "../../helpers/eventually.ts";
import { refusalOf } from "../../helpers/shop.ts";
import type { TestStore } from "../../helpers/store.ts";
import { anEvent, feed, startWebhooks } from "./receiver.ts";

const month = 31 * 24 * 3600_000;

describe("webhooks: the feed", () => {
  let store: TestStore;
  beforeEach(async () => {
    store = await startWebhooks();
  });
  afterEach(() => store.stop());

  it("numbers events without a gap, in the order of their arrival", async () => {
    const events = Array.from({ length: 30 }, (_, i) => anEvent({ version: i + 1 }));
    await Promise.all([0, 10, 20].map((from) => feed(store, events.slice(from, from + 10))));
    const { data, page } = await store.call("webhooks.events", {});
    expect(data.map(({ sequence }) => sequence)).to.deep.equal(events.map((_, i) => i + 1));
    expect(data.map(({ id }) => id)).to.deep.equal(events.map(({ id }) => id));
    expect(data[0]).to.deep.include({
      type: "inventory.received",
      entity: "MUG-1",
      data: events[0]?.payload,
    });
    expect(page.next).to.equal(null);
  });

  it("takes an event once, however often it comes", async () => {
    const [first, second] = [anEvent(), anEvent({ version: 2 })];
    await feed(store, [first]);
    const again = await feed(store, [first, second]);
    expect(again).to.deep.equal({ done: [first.id, second.id], failed: [] });
    expect((await store.call("webhooks.events", {})).data).to.have.length(2);
  });

  it("goes on after a place, page by page, and has no end while more is there", async () => {
    await feed(
      store,
      Array.from({ length: 25 }, () => anEvent()),
    );
    const seen: number[] = [];
    let next: string | null = "0";
    while (next !== null) {
      const page: Awaited<ReturnType<typeof store.call<"webhooks.events">>> = await store.call(
        "webhooks.events",
        {
          after: Number(next),
          limit: 10,
        },
      );
      seen.push(...page.data.map(({ sequence }) => sequence));
      next = page.page.next;
    }
    expect(seen).to.deep.equal(Array.from({ length: 25 }, (_, i) => i + 1));
  });

  it("tells the chosen types alone, and refuses a word that is none", async () => {
    await feed(store, [
      anEvent(),
      anEvent({ type: "products.changed" }),
      anEvent({ type: "inventory.shipped" }),
    ]);
    const typesOf = async (types: string) =>
      (await store.call("webhooks.events", { types })).data.map(({ type }) => type);
    expect(await typesOf("inventory.*")).to.deep.equal(["inventory.received", "inventory.shipped"]);
    expect(await typesOf("products.changed,inventory.shipped")).to.deep.equal([
      "products.changed",
      "inventory.shipped",
    ]);
    const refusal = await refusalOf(store.call("webhooks.events", { types: "orders.eaten" }));
    expect(refusal).to.deep.include({ code: 422, type: "EVENT_TYPE_UNKNOWN" });
  });

  it("forgets after 30 days, and tells a reader who comes later than that", async () => {
    await feed(store, [anEvent(), anEvent()]);
    store.clock.advance(month);
    await feed(store, [anEvent()]);
    const { sweep } = await import("../../../services/webhooks/webhooks.sweep.ts");
    await sweep(store.broker.getLocalService("webhooks") as never);
    expect((await store.call("webhooks.events", {})).data.map(({ sequence }) => sequence)).to.deep.equal([3]);
    const refusal = await refusalOf(store.call("webhooks.events", { after: 1 }));
    expect(refusal).to.deep.include({ code: 410, type: "EVENTS_EXPIRED" });
    expect(refusal.data).to.deep.include({ oldest: 3 });
    expect((await store.call("webhooks.events", { after: 2 })).data).to.have.length(1);
  });

  it("streams what comes, from where the reader left off", async () => {
    await feed(store, [anEvent(), anEvent()]);
    const meta = { lastEventId: "1" };
    const stream = (await store.call("webhooks.stream", {}, { meta })) as NodeJS.ReadableStream;
    let text = "";
    stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await eventually(() => text.includes("id: 2\n"));
    expect(text).to.not.include("id: 1\n");
    const events = Array.from({ length: 250 }, (_, i) => anEvent({ version: i + 1 }));
    for (let i = 0; i < 250; i += 50) await feed(store, events.slice(i, i + 50));
    await eventually(() => text.includes("id: 252\n"));
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(ids).to.deep.equal(Array.from({ length: 251 }, (_, i) => i + 2));
    (stream as unknown as { destroy(): void }).destroy();
  });
});
