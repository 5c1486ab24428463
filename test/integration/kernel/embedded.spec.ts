import { expect } from "chai";
import { Errors } from "moleculer";
import { count, failure, ledger, node, notes, place } from "./ledger.ts";

describe("an embedded database", () => {
  it("answers 503 to writes while the disk is full, and reads on", async () => {
    const at = await place("sqlite", []);
    const one = await node(at, [ledger("ledger")]);
    const { store } = one.actorOf("ledger");
    const limit = (pages: number) =>
      store.write((tx) => tx.all({ strings: [`pragma max_page_count = ${pages}`], values: [] }));
    const big = () =>
      store.write((tx) =>
        tx.insert("notes", notes, [{ id: "big", account: "x".repeat(500_000), amount: 1 }]),
      );
    try {
      await one.broker.call("ledger.put", { id: "a", account: "a", amount: 1 });
      await limit(1);
      const calls = [
        big(),
        big(),
        one.broker.call("ledger.put", { id: "b", account: "x".repeat(90_000), amount: 1 }),
      ];
      for (const error of await Promise.all(calls.map(failure))) {
        expect(error).to.include({ code: 503, type: "STORE_UNAVAILABLE", retryable: true });
      }
      expect(await count(one.actorOf("ledger"), "notes")).to.equal(1);
      await limit(1_000_000);
      await big();
      expect(await count(one.actorOf("ledger"), "notes")).to.equal(2);
    } finally {
      await one.stop();
      await at.remove();
    }
  });

  it("stops the start with one line when its file cannot be opened", async () => {
    const at = await place("sqlite", []);
    const wrong = { ...at, databaseUrls: { ledger: "postgres://nobody@127.0.0.1:1/none" } };
    const error = await failure(node(wrong, [ledger("ledger", { startTimeout: 300 })]));
    expect(error.message).to.match(/^ledger: its database cannot be opened: .*LEDGER_DB_URL/);
    expect(error.message).not.to.contain("\n");
    expect(error).not.to.be.instanceOf(Errors.MoleculerClientError);
    await at.remove();
  });
});
