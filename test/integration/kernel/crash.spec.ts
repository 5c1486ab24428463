import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "chai";
import { lockDataFolder } from "../../../mixins/data-folder.ts";
import { sql } from "../../../mixins/sql.ts";
import { ledger, node, place, until, type Place } from "./ledger.ts";

describe("an embedded store whose process is killed", () => {
  let at: Place;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    at = await place("sqlite", []);
  });
  afterEach(async () => {
    child?.kill("SIGKILL");
    await at.remove();
  });

  function start(): string[] {
    const heard: string[] = [];
    child = fork(join(import.meta.dirname, "writer.ts"), [at.dataDir], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.on("message", (text: string) => heard.push(text));
    return heard;
  }

  it("has every answered write and its event, and frees the folder", async () => {
    const heard = start();
    await until(() => heard.length > 300);
    const ended = once(child as ChildProcess, "exit");
    child?.kill("SIGKILL");
    await ended;
    const one = await node(at, [ledger("ledger")]);
    try {
      const { read } = one.actorOf("ledger").store;
      const rows = await read.all<{ id: string }>(sql`select id from notes`);
      const kept = new Set(rows.map(({ id }) => id));
      expect(heard.filter((id) => id !== "ready" && !kept.has(id))).to.deep.equal([]);
      const events = await read.all<{ payload: string }>(sql`select payload from events`);
      const told = new Set(events.map(({ payload }) => (JSON.parse(payload) as { id: string }).id));
      expect(told).to.deep.equal(kept);
      const [check] = await read.all<Record<string, string>>(sql`pragma integrity_check`);
      expect(check?.["integrity_check"]).to.equal("ok");
    } finally {
      await one.stop();
    }
  }).timeout(20_000);

  it("is refused to a second process with a line that says what to do", async () => {
    const release = lockDataFolder(at.dataDir);
    const again = lockDataFolder(at.dataDir);
    release();
    release();
    const refused = start();
    await until(() => refused.length > 0);
    expect(refused[0]).to.match(
      /^refused: the data folder .* is in use by another process; stop that one, or set DATA_DIR/,
    );
    again();
    const allowed = start();
    await until(() => allowed.length > 0);
    expect(allowed[0]).to.equal("ready");
  }).timeout(20_000);
});
