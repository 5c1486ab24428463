import { expect } from "chai";
import { sql } from "../../../mixins/sql.ts";
import type { Outcome, SqlTx } from "../../../mixins/sql.types.ts";
import {
  count,
  ledger,
  listener,
  ManualClock,
  node,
  place,
  postgresUrl,
  until,
  type Ears,
  type LedgerActor,
  type Place,
} from "./ledger.ts";

type Node = Awaited<ReturnType<typeof node>>;
type Take = { first: string; second: string };

/** Locks its rows in the order given, so that two nodes with crossing rows meet in a deadlock. */
const takeAll = async (tx: SqlTx, items: readonly Take[]): Promise<Outcome<boolean>[]> => {
  for (const { first, second } of items) {
    await tx.run(sql`update stock set n = n - 1 where sku = ${first}`);
    await tx.run(sql`update stock set n = n - 1 where sku = ${second}`);
  }
  return items.map(() => ({ ok: true }));
};

(postgresUrl === undefined ? describe.skip : describe)("two nodes on one PostgreSQL", () => {
  let at: Place;
  let nodes: Node[];
  let actors: LedgerActor[];
  let ears: Ears;
  const subscribers = (event: string) => (event === "ledger.noted" ? ["ears"] : []);

  beforeEach(async () => {
    at = await place("postgres", ["ledger", "ears"]);
    ears = { refuses: new Set(), heard: [] };
    const clock = new ManualClock();
    const start = () => node(at, [ledger("ledger", { subscribers }), listener("ears", ears)], clock);
    // At once: both want to migrate.
    nodes = await Promise.all([start(), start()]);
    actors = nodes.map(({ actorOf }) => actorOf("ledger"));
  });
  afterEach(async () => {
    await Promise.all(nodes.map(({ stop }) => stop()));
    await at.remove();
  });
  const [a, b] = [() => actors[0] as LedgerActor, () => actors[1] as LedgerActor];

  it("work crossing rows without losing or doubling one", async () => {
    const skus = Array.from({ length: 6 }, (_, i) => `sku${i}`);
    const rows = skus.map((sku) => ({ sku, n: 100_000 }));
    await a().store.write((tx) => tx.insert("stock", { sku: "text", n: "bigint" }, rows));
    const take = actors.map(({ store }) => store.batch("take", takeAll));
    const calls = Array.from({ length: 400 }, (_, i) => {
      const first = skus[i % 6] as string;
      const second = skus[(i * 5 + 1 + (i % 4)) % 6] as string;
      return (take[i % 2] as (item: Take) => Promise<boolean>)({ first, second });
    });
    await Promise.all(calls);
    const sum = await a().store.read.get<{ n: number }>(sql`select sum(n) as n from stock`);
    expect(sum?.n).to.equal(600_000 - 800);
    const again = actors.reduce((n, { mailbox }) => n + (mailbox.stats["again"] as number), 0);
    expect(again, "the nodes never met").to.be.greaterThan(0);
  }).timeout(60_000);

  it("give one effect to a key that reaches both at once", async () => {
    const calls = Array.from({ length: 20 }, (_, i) =>
      (nodes[i % 2] as Node).broker.call(
        "ledger.once",
        { id: "x", account: "a", amount: 1 },
        { meta: { idempotencyKey: `key-${Math.floor(i / 4)}` } },
      ),
    );
    await Promise.all(calls);
    expect(await count(a(), "notes")).to.equal(5);
  });

  it("tell a row's second writer that it stands there already", async () => {
    const put = (actor: LedgerActor) =>
      actor.store.write((tx) => tx.insert("stock", { sku: "text", n: "bigint" }, [{ sku: "s", n: 1 }]));
    const answers = await Promise.allSettled([put(a()), put(b()), put(a()), put(b())]);
    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(refused).to.have.length(3);
    for (const { reason } of refused) expect(reason).to.include({ type: "UNIQUE_VIOLATION" });
  });

  it("relay each event once and in order", async () => {
    const say = (actor: LedgerActor, id: string, entity: string) =>
      actor.store.write(async (tx) => {
        await tx.run(
          sql`insert into stock (sku, n) values (${entity}, 1) on conflict (sku) do update set n = stock.n + 1`,
        );
        const row = await tx.get<{ n: number }>(sql`select n from stock where sku = ${entity}`);
        tx.publish("ledger.noted" as never, { entity, version: row?.n ?? 0 }, {
          id: `${entity}:${row?.n}`,
          from: id,
        } as never);
      });
    await Promise.all(
      Array.from({ length: 300 }, (_, i) => say(actors[i % 2] as LedgerActor, `${i}`, `e${i % 7}`)),
    );
    await until(async () => (await count(a(), "outbox")) === 0, 20_000);
    expect(await count(nodes[0]?.actorOf("ears") as LedgerActor, "heard")).to.equal(300);
    expect(new Set(ears.heard).size).to.equal(300);
    const last = new Map<string, number>();
    for (const text of ears.heard) {
      const [entity = "", n = ""] = text.split(":");
      expect(Number(n), text).to.equal((last.get(entity) ?? 0) + 1);
      last.set(entity, Number(n));
    }
  }).timeout(30_000);

  it("answer 503 when a connection is lost, then work on with a new one", async () => {
    const cut = () =>
      b().store.read.all(sql`select pg_terminate_backend(pid) as cut from pg_stat_activity
        where application_name = 'valence.ledger' and datname = current_database() and pid <> pg_backend_pid()`);
    const hanging = a().store.write(async (tx) => {
      await tx.insert("stock", { sku: "text", n: "bigint" }, [{ sku: "lost", n: 1 }]);
      await cut();
      await tx.get(sql`select pg_sleep(0.05)`);
    });
    const error = await hanging.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.include({ code: 503, type: "STORE_UNAVAILABLE", retryable: true });
    const put = (actor: LedgerActor, sku: string) =>
      actor.store
        .write((tx) => tx.insert("stock", { sku: "text", n: "bigint" }, [{ sku, n: 1 }]))
        .then(
          () => true,
          () => false,
        );
    await until(async () => put(a(), `a${Math.random()}`));
    await until(async () => put(b(), `b${Math.random()}`));
    const rows = await a().store.read.all<{ sku: string }>(sql`select sku from stock where sku = 'lost'`);
    expect(rows).to.have.length(0);
  });
});
