import { expect } from "chai";
import fs from "node:fs";
import { sql } from "../../../mixins/sql.ts";
import { typeOf } from "../../../mixins/store-errors.ts";
import { eventually } from "../../helpers/eventually.ts";
import { count, ledger, node, place, type LedgerActor, type Place } from "./ledger.ts";
import { settled, turns } from "./pending.ts";

type Done = (error: Error | null) => void;

describe("what the SQL store on SQLite answers", () => {
  const { fdatasync } = fs;
  let at: Place;
  let one: Awaited<ReturnType<typeof node>>;
  let actor: LedgerActor;
  /** The disk's answers, kept back until a test gives them. */
  let held: Done[];

  const holdDisk = () => {
    fs.fdatasync = ((_fd: number, done: Done) => held.push(done)) as unknown as typeof fdatasync;
  };
  const answerDisk = (error: Error | null) => {
    fs.fdatasync = fdatasync;
    for (const done of held.splice(0)) done(error);
  };
  const put = (id: string) => one.broker.call("ledger.put", { id, account: "a", amount: 1 });
  beforeEach(async () => {
    held = [];
    at = await place("sqlite", ["ledger"]);
    one = await node(at, [ledger("ledger")]);
    actor = one.actorOf("ledger");
  });
  afterEach(async () => {
    fs.fdatasync = fdatasync;
    await one.stop();
    await at.remove();
  });

  it("is on disk: a write waits for the log's sync", async () => {
    holdDisk();
    const writing = put("a");
    const state = settled(writing);
    await eventually(() => expect(held).to.have.lengthOf(1));
    await turns();
    expect(state.done, "answered before the sync").to.equal(false);
    answerDisk(null);
    await writing;
  });

  it("is on disk: a read does not show what a power loss could take back", async () => {
    holdDisk();
    const writing = put("a");
    await eventually(() => expect(held).to.have.lengthOf(1));
    const reading = actor.store.read.get<{ n: number }>(sql`select count(*) as n from notes`);
    const state = settled(reading);
    await turns();
    expect(state.done, "read before the sync").to.equal(false);
    answerDisk(null);
    await writing;
    expect((await reading)?.n).to.equal(1);
  });

  it("is a 503 from the first failed sync on, as nobody knows what is on disk", async () => {
    await put("a");
    holdDisk();
    const writing = put("b").catch((error: unknown) => error);
    await eventually(() => expect(held).to.have.lengthOf(1));
    answerDisk(Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" }));
    expect(typeOf(await writing)).to.equal("STORE_UNAVAILABLE");
    expect(typeOf(await put("c").catch((error: unknown) => error))).to.equal("STORE_UNAVAILABLE");
    expect(typeOf(await count(actor, "notes").catch((error: unknown) => error))).to.equal(
      "STORE_UNAVAILABLE",
    );
  });
});
