import { expect } from "chai";
import fs from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SqlDatabase } from "../../../mixins/sql-session.ts";
import { sql } from "../../../mixins/sql.ts";
import { typeOf } from "../../../mixins/store-errors.ts";
import { eventually } from "../../helpers/eventually.ts";
import { settled, turns, useHeldDisk } from "./held-disk.ts";
import { count } from "./ledger.ts";

const MB = 1024 * 1024;
/** A note of about a page. */
const account = "a".repeat(3500);
/** https://sqlite.org/pragma.html#pragma_synchronous */
const NORMAL = 1;

describe("SQLite's log, brought into its file", () => {
  const disk = useHeldDisk();
  let notes = 0;
  beforeEach(() => {
    notes = 0;
  });

  const file = () => join(disk.at.dataDir, "ledger.sqlite");
  const put = () => disk.one.broker.call("ledger.put", { id: `n${(notes += 1)}`, account, amount: 1 });
  const fill = async (pages: number) => {
    for (let left = pages; left > 0; left -= 100)
      await Promise.all(Array.from({ length: Math.min(left, 100) }, put));
  };
  /** Tells the file from its log. */
  const ofFile = () => {
    const { ino } = fs.statSync(file());
    return (fd: number) => fs.fstatSync(fd).ino === ino;
  };
  /** The salts of the log's header: others each time that it is begun anew (https://sqlite.org/walformat.html). */
  const salts = () => fs.readFileSync(`${file()}-wal`).subarray(16, 24).toString("hex");
  /** Writes on until the file is being synced; answers what is then being written. */
  const untilSyncing = async () => {
    disk.hold(ofFile());
    await put();
    const before = salts();
    const writing = fill(2500).then(() => "written", typeOf);
    await eventually(() => disk.held.length > 0, 20_000);
    return { writing, state: settled(writing), before };
  };

  it("begins anew again and again: it does not grow with what is written", async () => {
    await fill(12_000);
    expect(fs.statSync(file()).size).to.be.greaterThan(30 * MB);
    expect(fs.statSync(`${file()}-wal`).size).to.be.lessThan(24 * MB);
    expect(await count(disk.actor, "notes")).to.equal(notes);
  });

  it("is kept, and nothing is written, until the file is on disk; what is there can be read", async () => {
    const { writing, state, before } = await untilSyncing();
    const seen = await count(disk.actor, "notes");
    expect(seen).to.be.greaterThan(300);
    await turns();
    expect(state.done).to.equal(false);
    expect(await count(disk.actor, "notes")).to.equal(seen);
    expect(salts()).to.equal(before);
    disk.answer(null);
    expect(await writing).to.equal("written");
    expect(salts()).not.to.equal(before);
    expect(await count(disk.actor, "notes")).to.equal(notes);
  });

  it("is kept after a failed sync of the file, and nothing more is accepted", async () => {
    const { writing, before } = await untilSyncing();
    disk.answer(Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" }));
    expect(await writing).to.equal("STORE_UNAVAILABLE");
    expect(await put().then(() => "written", typeOf)).to.equal("STORE_UNAVAILABLE");
    expect(salts()).to.equal(before);
  });

  it("is not deleted by a stop before the file is on disk", async () => {
    const { writing } = await untilSyncing();
    const stopping = disk.one.stop();
    const state = settled(stopping);
    await turns();
    expect(state.done).to.equal(false);
    expect(fs.existsSync(`${file()}-wal`)).to.equal(true);
    disk.answer(null);
    await stopping;
    await writing;
    expect(fs.existsSync(`${file()}-wal`)).to.equal(false);
    await disk.start();
    expect(await count(disk.actor, "notes")).to.be.greaterThan(300);
  });

  it("is kept for a reader of an old state, tried again 4,000 pages later, and begun anew when it has gone", async () => {
    await fill(10);
    const reader = new DatabaseSync(file(), { readOnly: true });
    reader.exec("begin");
    const seen = reader.prepare("select count(*) as n from notes").get();
    const before = salts();
    let syncs = 0;
    const isFile = ofFile();
    disk.hold((fd) => {
      if (isFile(fd)) syncs += 1;
      return false;
    });
    for (let n = 0; n < 2000; n++) await put();
    expect(reader.prepare("select count(*) as n from notes").get()).to.deep.equal(seen);
    expect(salts()).to.equal(before);
    expect(syncs).to.be.within(2, 10);
    reader.close();
    await fill(2000);
    expect(salts()).not.to.equal(before);
  });

  it("leaves every other write as durable as before", async () => {
    const { writing } = await untilSyncing();
    disk.answer(null);
    await writing;
    const { $database } = disk.actor as unknown as { $database: SqlDatabase };
    const session = await $database.writer();
    expect(await session.get(sql`pragma synchronous`)).to.include({ synchronous: NORMAL });
  });

  it("is not trusted to have been copied by a process before: the file is synced when it is opened", async () => {
    const isFile = ofFile();
    await disk.one.stop();
    const { fdatasyncSync } = fs;
    const synced: boolean[] = [];
    fs.fdatasyncSync = (fd) => {
      synced.push(isFile(fd));
      fdatasyncSync(fd);
    };
    try {
      await disk.start();
    } finally {
      fs.fdatasyncSync = fdatasyncSync;
    }
    expect(synced).to.include(true);
  });
});
