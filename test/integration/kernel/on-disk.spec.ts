import { expect } from "chai";
import { DatabaseSync } from "node:sqlite";
import { sql } from "../../../mixins/sql.ts";
import { typeOf } from "../../../mixins/store-errors.ts";
import { eventually } from "../../helpers/eventually.ts";
import { settled, turns, useHeldDisk } from "./held-disk.ts";
import { count } from "./ledger.ts";

describe("what the SQL store on SQLite answers", () => {
  const disk = useHeldDisk();
  const put = (id: string) => disk.one.broker.call("ledger.put", { id, account: "a", amount: 1 });

  it("is on disk: a write waits for the log's sync", async () => {
    disk.hold();
    const writing = put("a");
    const state = settled(writing);
    await eventually(() => expect(disk.held).to.have.lengthOf(1));
    await turns();
    expect(state.done, "answered before the sync").to.equal(false);
    disk.answer(null);
    await writing;
  });

  it("is on disk: a read does not show what a power loss could take back", async () => {
    disk.hold();
    const writing = put("a");
    await eventually(() => expect(disk.held).to.have.lengthOf(1));
    const reading = disk.actor.store.read.get<{ n: number }>(sql`select count(*) as n from notes`);
    const state = settled(reading);
    await turns();
    expect(state.done, "read before the sync").to.equal(false);
    disk.answer(null);
    await writing;
    expect((await reading)?.n).to.equal(1);
  });

  it("waits while another program writes to the file, and is written then", async () => {
    await put("a");
    const [file] = await disk.actor.store.read.all<{ file: string }>(sql`pragma database_list`);
    const other = new DatabaseSync(file?.file ?? "");
    other.exec("begin immediate");
    const writing = put("b");
    const state = settled(writing);
    await turns();
    expect(state.done, "answered while the file was held").to.equal(false);
    other.exec("rollback");
    other.close();
    await writing;
    expect(await count(disk.actor, "notes")).to.equal(2);
  });

  it("is a 503 from the first failed sync on, as nobody knows what is on disk", async () => {
    await put("a");
    disk.hold();
    const writing = put("b").catch((error: unknown) => error);
    await eventually(() => expect(disk.held).to.have.lengthOf(1));
    disk.answer(Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" }));
    expect(typeOf(await writing)).to.equal("STORE_UNAVAILABLE");
    expect(typeOf(await put("c").catch((error: unknown) => error))).to.equal("STORE_UNAVAILABLE");
    expect(typeOf(await count(disk.actor, "notes").catch((error: unknown) => error))).to.equal(
      "STORE_UNAVAILABLE",
    );
  });
});
