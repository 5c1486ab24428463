import { expect } from "chai";
import fs from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { typeOf } from "../../../mixins/store-errors.ts";
import { eventually } from "../../helpers/eventually.ts";
import { count, ledger, node, place, type LedgerActor, type Place } from "./ledger.ts";
import { settled, turns } from "./pending.ts";

type Done = (error: Error | null) => void;

const MB = 1024 * 1024;
/** A note of about a page. */
const account = "a".repeat(3500);

describe("SQLite's log, brought into its file", () => {
  const { fdatasync } = fs;
  let at: Place;
  let one: Awaited<ReturnType<typeof node>>;
  let actor: LedgerActor;
  let notes = 0;
  /** Syncs of the file, not of its log, kept back until a test gives them. */
  let held: Done[];

  const file = () => join(at.dataDir, "ledger.sqlite");
  const put = () => one.broker.call("ledger.put", { id: `n${(notes += 1)}`, account, amount: 1 });
  const fill = async (pages: number) => {
    for (let left = pages; left > 0; left -= 100)
      await Promise.all(Array.from({ length: Math.min(left, 100) }, put));
  };
  const holdFile = () => {
    const { ino } = fs.statSync(file());
    fs.fdatasync = ((fd: number, done: Done) =>
      fs.fstatSync(fd).ino === ino ? held.push(done) : fdatasync(fd, done)) as typeof fdatasync;
  };
  const answerFile = (error: Error | null) => {
    fs.fdatasync = fdatasync;
    for (const done of held.splice(0)) done(error);
  };
  /** Writes on until the file is being synced; answers what is then being written. */
  const untilSyncing = async () => {
    holdFile();
    await put();
    const before = salts();
    const writing = fill(2500).then(() => "written", typeOf);
    await eventually(() => held.length > 0, 20_000);
    return { writing, state: settled(writing), before };
  };
  /** The salts of the log's header: others each time that it is begun anew (https://sqlite.org/walformat.html). */
  const salts = () => fs.readFileSync(`${file()}-wal`).subarray(16, 24).toString("hex");

  beforeEach(async () => {
    held = [];
    notes = 0;
    at = await place("sqlite", ["ledger"]);
    one = await node(at, [ledger("ledger")]);
    actor = one.actorOf("ledger");
  });
  afterEach(async () => {
    fs.fdatasync = fdatasync;
    await one.stop();
    await at.remove();
  });

  it("begins anew again and again: it does not grow with what is written", async () => {
    await fill(12_000);
    expect(fs.statSync(file()).size).to.be.greaterThan(30 * MB);
    expect(fs.statSync(`${file()}-wal`).size).to.be.lessThan(12 * MB);
    expect(await count(actor, "notes")).to.equal(notes);
  });

  it("is kept, and nothing is written, until the file is on disk; what is there can be read", async () => {
    const { writing, state, before } = await untilSyncing();
    const seen = await count(actor, "notes");
    expect(seen).to.be.greaterThan(300);
    await turns();
    expect(state.done).to.equal(false);
    expect(await count(actor, "notes")).to.equal(seen);
    expect(salts()).to.equal(before);
    answerFile(null);
    expect(await writing).to.equal("written");
    expect(salts()).not.to.equal(before);
    expect(await count(actor, "notes")).to.equal(notes);
  });

  it("is kept after a failed sync of the file, and nothing more is accepted", async () => {
    const { writing, before } = await untilSyncing();
    answerFile(Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" }));
    expect(await writing).to.equal("STORE_UNAVAILABLE");
    expect(await put().then(() => "written", typeOf)).to.equal("STORE_UNAVAILABLE");
    expect(salts()).to.equal(before);
  });

  it("is not deleted by a stop before the file is on disk", async () => {
    const { writing } = await untilSyncing();
    const stopping = one.stop();
    const state = settled(stopping);
    await turns();
    expect(state.done).to.equal(false);
    expect(fs.existsSync(`${file()}-wal`)).to.equal(true);
    answerFile(null);
    await stopping;
    await writing;
    expect(fs.existsSync(`${file()}-wal`)).to.equal(false);
    one = await node(at, [ledger("ledger")]);
    actor = one.actorOf("ledger");
    expect(await count(actor, "notes")).to.be.greaterThan(300);
  });

  it("is kept for a reader of an old state, tried again a thousand pages later, and begun anew when it has gone", async () => {
    await fill(10);
    const reader = new DatabaseSync(file(), { readOnly: true });
    reader.exec("begin");
    const seen = reader.prepare("select count(*) as n from notes").get();
    const before = salts();
    let syncs = 0;
    const { ino } = fs.statSync(file());
    fs.fdatasync = ((fd: number, done: Done) => {
      if (fs.fstatSync(fd).ino === ino) syncs += 1;
      fdatasync(fd, done);
    }) as typeof fdatasync;
    await fill(3000);
    expect(reader.prepare("select count(*) as n from notes").get()).to.deep.equal(seen);
    expect(salts()).to.equal(before);
    expect(syncs).to.be.within(2, 8);
    reader.close();
    await fill(2000);
    expect(salts()).not.to.equal(before);
  });
});
