import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { seeded } from "../../bench/random.ts";
import { articles } from "../../scripts/crash/run.ts";
import { historyOf, settle, violationsOf } from "../../scripts/crash/settle.ts";
import { shopOnce } from "../../scripts/crash/shopper.ts";
import { staffOf } from "../../scripts/crash/victim.ts";
import { HistoryWriter } from "../../scripts/history.ts";
import { Client } from "../../scripts/lib/client.ts";
import { importCatalogue } from "../../scripts/replay/import.ts";
import type { Line } from "../../scripts/verify/run.ts";
import { startStore, type TestStore } from "../helpers/store.ts";
import { bugs, planted, type Bug } from "./bugs.ts";

const SHOPPERS = 8;
const ORDERS = 160;
/** Milliseconds within which a bug must be found, and that the checker looks at a store that has gone quiet. */
const LIMIT = 60_000;
const SETTLES = 6000;
const coupon = { code: "PLANTED", kind: "amount", value: 100, currency: "GBP", maxUses: 40 };

/** Shoppers at work on the store until enough orders are placed; then every invariant. */
async function shopAndCheck({ url, dataDir }: TestStore): Promise<Line[]> {
  const client = new Client(url);
  const staff = staffOf(client);
  const file = join(dataDir, "history.jsonl");
  const history = new HistoryWriter(file);
  const counts = new Map<string, number>();
  const skus = articles.map(({ sku }) => sku);
  const deadline = performance.now() + LIMIT / 3;
  try {
    await importCatalogue(url, await staff(), articles, () => undefined);
    await client.expect(201, {
      method: "POST",
      path: "/admin/coupons",
      body: coupon,
      headers: await staff(),
    });
    const shopping = { client, history, skus, counts, staff, coupon: coupon.code, deadline: () => deadline };
    const open = () => (counts.get("orders") ?? 0) < ORDERS && performance.now() < deadline;
    const visit = async (n: number) => {
      const random = seeded(n);
      // A bug may break the store so that it answers 500 for ever; its shoppers go home then.
      for (let visits = 0; open(); visits++)
        await shopOnce({ ...shopping, random }, `shopper${n}`, visits).catch(() => delay(50));
    };
    await Promise.all(Array.from({ length: SHOPPERS }, (_, n) => visit(n + 1)));
    await history.close();
    return await settle({ dataDir, databaseUrls: {} }, await historyOf(file), SETTLES);
  } finally {
    client.close();
  }
}

async function linesWith(bug?: Bug): Promise<Line[]> {
  const store = await startStore({
    env: { ADMIN_EMAIL: "admin@example.com", CHECK_ANSWERS: "off" },
    middlewares: bug ? [planted(bug)] : [],
  });
  try {
    return await shopAndCheck(store);
  } finally {
    await store.stop();
  }
}

describe("verify", function () {
  this.timeout(LIMIT);

  it("finds nothing in a store without a planted bug", async () => {
    expect(violationsOf(await linesWith())).to.deep.equal([]);
  });

  for (const bug of bugs)
    it(`finds within a minute that ${bug.name} (${bug.breaks.join(" or ")})`, async () => {
      const lines = await linesWith(bug);
      const found = lines.filter(({ violations }) => violations.length > 0).map(({ id }) => id);
      expect(found.filter((id) => bug.breaks.includes(id), found.join(" "))).to.not.deep.equal([]);
    });
});
