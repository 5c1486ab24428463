import { expect } from "chai";
import { refuse } from "../../../contract/errors.ts";
import { sql } from "../../../mixins/sql.ts";
import { typeOf } from "../../../mixins/store-errors.ts";
import type { Row } from "../../../mixins/sql.types.ts";
import {
  count,
  databases,
  failure,
  ledger,
  node,
  notes,
  place,
  type LedgerActor,
  type Place,
} from "./ledger.ts";

type Node = Awaited<ReturnType<typeof node>>;

for (const kind of databases) {
  describe(`the SQL store on ${kind}`, () => {
    let at: Place;
    let one: Node;
    let actor: LedgerActor;

    beforeEach(async () => {
      at = await place(kind, ["ledger"]);
      one = await node(at, [ledger("ledger", { subscribers: () => ["nobody"] })]);
      actor = one.actorOf("ledger");
    });
    afterEach(async () => {
      await one.stop();
      await at.remove();
    });

    const put = (id: string, amount = 1, account = "a") =>
      one.broker.call("ledger.put", { id, account, amount });
    const note = (id: string): Row => ({ id, account: "a", amount: 1 });

    it("commits calls that wait together in one transaction", async () => {
      await Promise.all(Array.from({ length: 40 }, (_, i) => put(`n${i}`)));
      expect(await count(actor, "notes")).to.equal(40);
      expect(actor.mailbox.stats["commits"]).to.equal(1);
    });

    it("refuses one item of a batch without its neighbours", async () => {
      const answers = await Promise.allSettled([put("a"), put("b", -1), put("c")]);
      expect(answers.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
      expect(typeOf((answers[1] as PromiseRejectedResult).reason)).to.equal("NEGATIVE");
      expect(await count(actor, "notes")).to.equal(2);
      expect(await count(actor, "events")).to.equal(2);
    });

    it("works a batch that throws item by item, so only the guilty one fails", async () => {
      const calls = [
        put("a"),
        put("b", 1, "bomb"),
        put("c"),
        put("d", 9_000_000),
        actor.store.write(() => Promise.resolve(1)),
      ];
      const answers = await Promise.allSettled(calls);
      expect(answers.map(({ status }) => status)).to.deep.equal([
        "fulfilled",
        "rejected",
        "fulfilled",
        "rejected",
        "fulfilled",
      ]);
      expect(await count(actor, "notes")).to.equal(2);
      expect(await count(actor, "events")).to.equal(2);
    });

    it("commits what waits of two kinds together, and each item by itself when one of them throws", async () => {
      const other = actor.store.batch("other", async (tx, ids: readonly string[]) => {
        await tx.insert("notes", notes, ids.map(note));
        if (ids.includes("bad")) throw new Error("a fault");
        return ids.map((id) => ({ ok: id }));
      });
      await Promise.all([put("a"), other("b")]);
      expect(actor.mailbox.stats).to.include({ commits: 1, again: 0 });
      const answers = await Promise.allSettled([put("c"), other("bad"), other("d")]);
      expect(answers.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
      expect(actor.mailbox.stats).to.include({ commits: 3, again: 3 });
      const rows = await actor.store.read.all<{ id: string }>(sql`select id from notes order by id`);
      expect(rows.map(({ id }) => id)).to.deep.equal(["a", "b", "c", "d"]);
      expect(await count(actor, "events")).to.equal(2);
    });

    it("undoes what a refused call wrote and published, and nothing of the others", async () => {
      const answers = await Promise.allSettled(
        ["a", "b", "c"].map((id) =>
          actor.store.write(async (tx) => {
            await tx.insert("notes", notes, [note(id)]);
            tx.publish("ledger.noted" as never, { entity: id, version: 1 }, { id } as never);
            if (id === "b") throw refuse(409, "NO", "No.");
            return id;
          }),
        ),
      );
      expect(answers.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
      const rows = await actor.store.read.all<{ id: string }>(sql`select id from notes order by id`);
      expect(rows.map(({ id }) => id)).to.deep.equal(["a", "c"]);
      const events = await actor.store.read.all<{ entity: string }>(
        sql`select entity from events order by entity`,
      );
      expect(events.map(({ entity }) => entity)).to.deep.equal(["a", "c"]);
    });

    it("undoes the whole work of a failed statement, also when the work caught the error", async () => {
      await put("a");
      const caught = actor.store.write(async (tx) => {
        await tx.insert("notes", notes, [note("b")]);
        await tx.insert("notes", notes, [note("c"), note("a")]).catch(() => undefined);
        return "fine";
      });
      const [error] = await Promise.all([failure(caught), put("d")]);
      expect(typeOf(error)).to.equal("UNIQUE_VIOLATION");
      const rows = await actor.store.read.all<{ id: string }>(sql`select id from notes order by id`);
      expect(rows.map(({ id }) => id)).to.deep.equal(["a", "d"]);
    });

    it("saves the others when one reads what does not exist", async () => {
      const broken = actor.store.write((tx) => tx.all(sql`select nothing from nowhere`));
      const [error] = await Promise.all([failure(broken), put("a"), put("b")]);
      expect(typeOf(error)).to.equal("STORE_ERROR");
      expect(error.message).not.to.contain("nowhere");
      expect(await count(actor, "notes")).to.equal(2);
    });

    it("fails no neighbour when a payload cannot be written", async () => {
      const circle: Record<string, unknown> = {};
      circle["itself"] = circle;
      const bad = actor.store.write((tx) => {
        tx.publish("ledger.noted" as never, { entity: "x", version: 1 }, circle as never);
        return Promise.resolve();
      });
      const [error] = await Promise.all([failure(bad), put("a")]);
      expect(error).to.be.instanceOf(Error);
      expect(await count(actor, "notes")).to.equal(1);
      expect(await count(actor, "events")).to.equal(1);
    });

    it("shows a committed write to the next read, and no write before its commit", async () => {
      let seen = -1;
      await actor.store.write(async (tx) => {
        await tx.insert("notes", notes, [note("a")]);
        seen = await count(actor, "notes");
      });
      expect(seen).to.equal(0);
      expect(await count(actor, "notes")).to.equal(1);
    });

    it("changes rows set by set, and gives the same values on both databases", async () => {
      const lines = [
        { sku: "007", n: 5 },
        { sku: `a'"\\b`, n: Number.MAX_SAFE_INTEGER },
      ];
      await actor.store.write((tx) => tx.insert("stock", { sku: "text", n: "bigint" }, lines));
      const changed = await actor.store.write((tx) =>
        tx.run(sql`update stock set n = stock.n - d.n from (${tx.rows({ sku: "text", n: "bigint" }, [{ sku: "007", n: 2 }])}) d
          where stock.sku = d.sku and stock.n >= d.n`),
      );
      expect(changed).to.equal(1);
      const rows = await actor.store.read.all(sql`select sku, n, n > 5 as more from stock order by n`);
      expect(rows.map((row) => ({ ...row }))).to.deep.equal([
        { sku: "007", n: 3, more: 0 },
        { sku: `a'"\\b`, n: Number.MAX_SAFE_INTEGER, more: 1 },
      ]);
      const sum = await actor.store.read.get<{ n: number }>(
        sql`select sum(n) as n from stock where n < ${10}`,
      );
      expect(sum?.n).to.equal(3);
    });

    it("lets no forgotten await write into another transaction", async () => {
      let late: Promise<unknown> = Promise.resolve();
      await actor.store.write((tx) => {
        late = new Promise((resolve) => setTimeout(resolve, 20)).then(() =>
          tx.insert("notes", notes, [note("late")]),
        );
        return Promise.resolve();
      });
      const error = await failure(late);
      expect(typeOf(error)).to.equal("STORE_ERROR");
      expect(await count(actor, "notes")).to.equal(0);
    });

    it("takes statements that run side by side in one work", async () => {
      const ids = ["a", "b", "c", "d"];
      const side = (fail: boolean) =>
        actor.store.write(async (tx) => {
          await Promise.all(ids.map((id) => tx.insert("notes", notes, [note(`${id}${fail}`)])));
          if (fail) throw refuse(409, "NO", "No.");
        });
      await Promise.allSettled([side(true), side(false)]);
      expect(await count(actor, "notes")).to.equal(4);
    });

    it("refuses a call whose last write breaks a rule of the table, though nobody counted it", async () => {
      const told = (id: string, amount: number) =>
        actor.store.write(async (tx) => {
          await tx.tell(sql`insert into notes (id, account, amount) values (${id}, ${"a"}, ${amount})`);
          return id;
        });
      expect(typeOf(await failure(told("alone", 2_000_000)))).to.equal("STORE_ERROR");
      const answers = await Promise.allSettled([told("a", 1), told("b", 2_000_000), told("c", 1)]);
      expect(answers.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
      expect(await count(actor, "notes")).to.equal(2);
    });

    it("answers 503 to more calls than its queue takes", async () => {
      const small = await place(kind, ["ledger"]);
      const other = await node(small, [ledger("ledger", { maxQueue: 3 })]);
      try {
        const calls = Array.from({ length: 6 }, (_, i) =>
          other.broker.call("ledger.put", { id: `q${i}`, account: "a", amount: 1 }),
        );
        const refused = (await Promise.allSettled(calls)).filter(({ status }) => status === "rejected");
        expect(refused).to.have.length(3);
        expect((refused[0] as PromiseRejectedResult).reason).to.include({ code: 503, retryable: true });
      } finally {
        await other.stop();
        await small.remove();
      }
    });

    it("starts again on its own database and keeps what it answered", async () => {
      await put("a");
      await one.stop();
      one = await node(at, [ledger("ledger")]);
      actor = one.actorOf("ledger");
      expect(await count(actor, "notes")).to.equal(1);
    });

    it("publishes none of moleculer-db's actions", () => {
      const names = one.broker.registry.getActionList({ skipInternal: true }).map(({ name }) => name);
      expect(names).to.have.members([
        "ledger.put",
        "ledger.once",
        "ledger.receive",
        "ledger.parked",
        "ledger.resend",
        "ledger.jobs",
      ]);
    });
  });
}
