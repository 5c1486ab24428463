import { expect } from "chai";
import { refuse } from "../../../contract/errors.ts";
import { sql } from "../../../mixins/sql.ts";
import { typeOf } from "../../../mixins/store-errors.ts";
import type { Row, SqlTx } from "../../../mixins/sql.types.ts";
import {
  failure,
  ledger,
  migrations,
  node,
  notes,
  place,
  postgresUrl,
  type LedgerActor,
  type Place,
} from "./ledger.ts";

const deferred = {
  name: "002.places",
  up: ["create table places (id text primary key, n bigint unique deferrable initially deferred)"],
  down: ["drop table places"],
};

(postgresUrl === undefined ? describe.skip : describe)("a transaction that is whole in one packet", () => {
  let at: Place;
  let one: Awaited<ReturnType<typeof node>>;
  let actor: LedgerActor;

  before(async () => {
    at = await place("postgres", ["ledger"]);
    const options = { migrations: [...migrations, deferred], subscribers: () => [] };
    one = await node(at, [ledger("ledger", options)]);
    actor = one.actorOf("ledger");
  });
  after(async () => {
    await one.stop();
    await at.remove();
  });

  const note = (id: string): Row => ({ id, account: "a", amount: 1 });
  const put = (tx: SqlTx, id: string) => tx.insert("notes", notes, [note(id)]);
  const has = (id: string) => actor.store.read.get(sql`select id from notes where id = ${id}`);
  /** What the other connections of this database asked last. */
  const asked = async (): Promise<string[]> => {
    const rows = await actor.store.read.all<{ query: string }>(sql`select query from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`);
    return rows.map(({ query }) => query);
  };

  it("asks for no begin and no commit", async () => {
    await actor.store.write((tx) => put(tx, "whole"));
    expect((await asked()).join()).to.match(/insert into notes/);
    expect(await has("whole")).to.deep.equal({ id: "whole" });
    const pair = await actor.store.write(async (tx) => {
      await put(tx, "of two");
      return tx.get(sql`select id from notes where id = 'of two'`);
    });
    expect(pair).to.deep.equal({ id: "of two" });
    expect(await asked(), "what was asked between needs both").to.include("commit");
  });

  it("is undone as one by its last statement, and asks for no rollback", async () => {
    const refused = actor.store.write(async (tx) => {
      await put(tx, "first");
      await tx.exactly(1, sql`update notes set amount = 2 where id = 'nobody'`, () =>
        refuse(409, "MOVED", "Moved."),
      );
    });
    expect(await failure(refused)).to.include({ type: "MOVED", code: 409 });
    expect(await asked()).not.to.include("rollback");
    expect(await has("first")).to.equal(undefined);
  });

  it("is refused by what is checked at its end alone", async () => {
    const settle = (id: string) =>
      actor.store.write((tx) => tx.tell(sql`insert into places (id, n) values (${id}, ${1})`));
    await settle("a");
    expect(typeOf(await failure(settle("b")))).to.equal("UNIQUE_VIOLATION");
    const rows = await actor.store.read.all(sql`select id from places`);
    expect(rows).to.deep.equal([{ id: "a" }]);
    await actor.store.write((tx) => put(tx, "after"));
    expect(await has("after"), "the connection goes on").to.deep.equal({ id: "after" });
  });
});
