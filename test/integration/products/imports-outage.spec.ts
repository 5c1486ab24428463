import { Readable } from "node:stream";
import { expect } from "chai";
import { defineMiddleware } from "../../../middlewares/define-middleware.ts";
import { storeError } from "../../../mixins/store-errors.ts";
import type { ProductsActor } from "../../../services/products/products.actor.ts";
import type { Import } from "../../../services/products/products.contract.ts";
import { eventually } from "../../helpers/eventually.ts";
import { staff } from "../../helpers/shop.ts";
import type { TestStore } from "../../helpers/store.ts";
import { place, startCatalogue } from "./catalogue.ts";

describe("an import whose needs are away", function () {
  this.timeout(60_000);

  async function run(store: TestStore, rows: string): Promise<Import> {
    const stream = Readable.from([`sku,name,price,stock\n${rows}\n`]);
    const { id } = await store.call("products.startImport", {}, { meta: staff, stream });
    return eventually(async () => {
      const job = await store.call("products.import", { id });
      return job.status === "running" ? undefined : job;
    }, 50_000);
  }

  /** A store of its own whose inventory fails so many times before it counts anything. */
  async function withFailing(times: number, error: Error, work: (store: TestStore) => Promise<void>) {
    let left = times;
    const failing = defineMiddleware({
      name: "Failing",
      localAction: (next, action) => (ctx) => {
        if (action.name !== "inventory.setStock" || left === 0) return next(ctx);
        left -= 1;
        return Promise.reject(error);
      },
    });
    const own = await startCatalogue({}, { env: await place(), middlewares: [failing] });
    try {
      await work(own);
    } finally {
      await own.stop();
    }
  }

  it("waits for a database that is away, and counts every row once", () =>
    withFailing(2, storeError("STORE_UNAVAILABLE"), async (own) => {
      expect(await run(own, "AWAY,Away,1,7\nBAD,Bad,1.999,1")).to.include({
        status: "done",
        rows: 2,
        created: 1,
        updated: 0,
        failed: 1,
      });
      const [away] = await own.call("products.resolve", { skus: ["AWAY"], currency: "GBP" });
      expect(away).to.include({ sku: "AWAY" });
      expect((await own.call("inventory.available", { skus: ["AWAY"] }))[0]?.available).to.equal(7);
    }));

  it("ends at once, and says so, by a fault that is no outage", () =>
    withFailing(1, storeError("STORE_ERROR"), async (own) => {
      const job = await run(own, "FAULT,Fault,1,7");
      expect(job).to.include({ status: "failed", rows: 0 });
      expect(job.errors.map(({ message }) => message)).to.deep.equal([
        "The import ended early; what it took in stands.",
      ]);
    }));

  it("waits for the database of the catalogue too, and refuses no row for its sake", async () => {
    const own = await startCatalogue({}, { env: await place() });
    try {
      const { products } = (own.broker.getLocalService("products") as unknown as ProductsActor).documents;
      const upsertMany = products.upsertMany.bind(products);
      let left = 2;
      products.upsertMany = (items) =>
        left-- > 0
          ? Promise.resolve(items.map(() => ({ error: storeError("STORE_UNAVAILABLE") })))
          : upsertMany(items);
      expect(await run(own, "LATE,Late,1,3")).to.include({ status: "done", created: 1, failed: 0 });
      expect(left).to.equal(-1);
    } finally {
      await own.stop();
    }
  });
});
