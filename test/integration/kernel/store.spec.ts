import { expect } from "chai";
import { Errors } from "moleculer";
import { refuse } from "../../../contract/errors.ts";
import { sql } from "../../../mixins/sql.ts";
import { typeOf } from "../../../mixins/store-errors.ts";
import type { Row } from "../../../mixins/sql.types.ts";
import {
  count,
  databases,
  ledger,
  ManualClock,
  node,
  notes,
  place,
  type LedgerActor,
  type Place,
} from "./ledger.ts";

type Node = Awaited<ReturnType<typeof node>>;

const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.fail("it was to be refused"),
    (error: unknown) => error as Error,
  );

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

    if (kind === "postgres")
      it("finds what it writes by a key, also while the table is small", async () => {
        const plan = await actor.store.write((tx) =>
          tx.all<{ "QUERY PLAN": string }>(sql`explain update notes set amount = d.amount
            from (${tx.rows(notes, [note("a")])}) as d where notes.id = d.id`),
        );
        const text = plan.map((row) => row["QUERY PLAN"]).join("\n");
        expect(text).to.contain("Index Scan using notes_pkey").and.not.contain("Seq Scan");
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

  describe(`idempotency keys on ${kind}`, () => {
    let at: Place;
    let one: Node;
    const clock = new ManualClock();

    before(async () => {
      at = await place(kind, ["ledger"]);
      one = await node(at, [ledger("ledger")], clock);
    });
    after(async () => {
      await one.stop();
      await at.remove();
    });

    const once = async (idempotencyKey: string | undefined, amount: number, meta: object = {}) => {
      const sent = { ...(idempotencyKey === undefined ? {} : { idempotencyKey }), ...meta } as Record<
        string,
        unknown
      >;
      const answer = await one.broker.call("ledger.once", { id: "x", account: "a", amount }, { meta: sent });
      return { answer, meta: sent };
    };

    it("answers a repeated key with the stored answer and status", async () => {
      const first = await once("k1", 1);
      const second = await once("k1", 1);
      expect(second.answer).to.deep.equal(first.answer);
      expect(second.meta).to.include({ replayed: true, status: 201 });
      expect(first.meta).not.to.have.property("replayed");
    });

    it("gives concurrent requests with one key one effect", async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => once("k2", 2)));
      expect(new Set(answers.map(({ answer }) => JSON.stringify(answer)))).to.have.property("size", 1);
    });

    it("refuses a key that comes with other params", async () => {
      await once("k3", 3);
      const error = await failure(once("k3", 4));
      expect(error).to.include({ code: 422, type: "IDEMPOTENCY_KEY_REUSED" });
    });

    it("keeps the keys of different callers apart", async () => {
      const mine = await once("k4", 1, { cartSecret: "mine" });
      const yours = await once("k4", 2, { cartSecret: "yours" });
      expect(yours.answer).not.to.deep.equal(mine.answer);
    });

    it("stores no refusal", async () => {
      expect(await failure(once("k5", -1))).to.include({ code: 409 });
      expect((await once("k5", 5)).meta).not.to.have.property("replayed");
    });

    it("undoes what a repeated key did once more", async () => {
      const notesOf = () => one.actorOf("ledger").store.read.all(sql`select id from notes`);
      await once("k7", 1);
      const before = await notesOf();
      expect((await once("k7", 1)).meta).to.include({ replayed: true });
      expect(await notesOf()).to.deep.equal(before);
    });

    /** A work that can be done once: the second time it is refused by what is read, or by the table's key. */
    const claim = (idempotencyKey: string, id: string, asks: boolean) => {
      const ctx = { meta: { idempotencyKey }, params: { id }, action: { name: "ledger.claim" } };
      return one.actorOf("ledger").store.writeOnce(ctx, async (tx) => {
        if (asks && (await tx.get(sql`select id from notes where id = ${id}`)))
          throw refuse(409, "TAKEN", "Taken.");
        try {
          await tx.run(sql`insert into notes (id, account, amount) values (${id}, 'claims', 1)`);
        } catch {
          throw refuse(409, "TAKEN", "Taken.");
        }
        return { id, at: one.actorOf("ledger").newId() };
      });
    };
    for (const [by, asks] of [
      ["a look", true],
      ["the table", false],
    ] as const) {
      it(`answers what a key did, though doing it again is refused by ${by}`, async () => {
        const first = await claim(`k8 ${by}`, by, asks);
        expect(await claim(`k8 ${by}`, by, asks)).to.deep.equal(first);
        const among = await Promise.all([1, 2, 3, 4].map(() => claim(`k8 ${by}`, by, asks)));
        expect(among).to.deep.equal([first, first, first, first]);
        expect(await failure(claim(`k9 ${by}`, by, asks))).to.include({ code: 409, type: "TAKEN" });
      });
    }

    it("works a call without a key each time", async () => {
      expect((await once(undefined, 1)).answer).not.to.deep.equal((await once(undefined, 1)).answer);
    });

    it("forgets an answer after a day", async () => {
      const first = await once("k6", 1);
      clock.advance(25 * 3600 * 1000);
      const second = await once("k6", 2);
      expect(second.answer).not.to.deep.equal(first.answer);
      clock.advance(25 * 3600 * 1000);
      const actor = one.actorOf("ledger") as unknown as { $kernel: { sweep(): Promise<void> } };
      await actor.$kernel.sweep();
      const rows = await one.actorOf("ledger").store.read.all(sql`select key from idempotency`);
      expect(rows).to.have.length(0);
    });
  });
}

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
