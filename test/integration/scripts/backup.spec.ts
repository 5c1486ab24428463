import { execFile } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { startOrderStore, stock, type OrderStore } from "../../helpers/order-store.ts";
import { anOrder, freshKey, place } from "../../helpers/shop.ts";
import { startStore } from "../../helpers/store.ts";

const scripts = join(import.meta.dirname, "../../../scripts");
const run = (script: string, ...args: string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(scripts, script), ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });

describe("backup and restore", function () {
  this.timeout(60_000);
  let folder: string;
  let store: OrderStore;
  /** Ids acknowledged before the backup began, and while it ran. */
  let early: string[];
  let late: string[];
  let stopped = false;

  const order = async (): Promise<string> =>
    (await place(store, anOrder([{ sku: "TEA", quantity: 1 }]), { idempotencyKey: freshKey() })).id;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "valence-backup-"));
    store = await startOrderStore({ TEA: 250 });
    await stock(store, { TEA: 100_000 });
    early = await Promise.all(Array.from({ length: 20 }, order));
    late = [];
    let working = true;
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (working) late.push(await order());
      }),
    );
    const { code, output } = await run("backup.ts", join(folder, "copy"), "--data", store.dataDir);
    working = false;
    await load;
    expect(output).to.match(/verified/);
    expect(code).to.equal(0);
  });
  after(async () => {
    if (!stopped) await store.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("brings back every order that was acknowledged before it began, under load", async () => {
    expect(late.length).to.be.greaterThan(0);
    const to = join(folder, "restored");
    const { code, output } = await run("restore.ts", join(folder, "copy"), "--data", to);
    expect(output).to.match(/rows/);
    expect(code).to.equal(0);
    const copy = await startStore({ services: ["orders", "inventory"], dataDir: to });
    try {
      for (const id of early)
        expect((await copy.call("orders.adminGet", { id })).status).to.equal("confirmed");
      const { onHand, reserved } = await copy.call("inventory.get", { sku: "TEA" });
      expect(onHand).to.equal(100_000);
      expect(reserved).to.be.at.least(early.length);
    } finally {
      await copy.stop();
    }
  });

  it("refuses a folder that is not empty, and one that a store works on", async () => {
    const again = await run("backup.ts", join(folder, "copy"), "--data", store.dataDir);
    expect(again.output).to.match(/not empty/);
    const busy = await run("restore.ts", join(folder, "copy"), "--data", store.dataDir);
    expect(busy.output).to.match(/runs on/);
    expect([again.code, busy.code]).to.deep.equal([1, 1]);
  });

  it("puts nothing in place when a file is not what was backed up", async () => {
    await store.stop();
    stopped = true;
    appendFileSync(join(folder, "copy/orders.sqlite"), "x");
    const to = join(folder, "spoilt");
    const { code, output } = await run("restore.ts", join(folder, "copy"), "--data", to);
    expect(output).to.match(/hash differs/);
    expect(code).to.equal(1);
    expect(existsSync(to) ? readdirSync(to) : []).to.deep.equal([]);
  });
});
