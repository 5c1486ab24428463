import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { MongoClient } from "mongodb";
import pg from "pg";
import sharp from "sharp";
import { databaseSchemes, databaseVariable } from "../../../config/settings.ts";
import type { UploadedPicture } from "../../../services/products/products.contract.ts";
import { anOrder, place } from "../../helpers/shop.ts";
import { inStock } from "../../helpers/in-stock.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";
import { eventually } from "../../helpers/eventually.ts";

const { TEST_POSTGRES_URL: postgres, MONGO_URL: mongo } = process.env;
const script = join(import.meta.dirname, "../../../scripts/move.ts");
const prefix = `move_${process.pid}`;

const run = (...args: string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [script, "--prefix", prefix, ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
const at = (server: string, actor: string): string => {
  const url = new URL(server);
  url.pathname = `/${prefix}_${actor}`;
  return url.href;
};
const urlOf = (actor: string): string => at((actor === "products" ? mongo : postgres) as string, actor);
/** Where the gateway serves a picture that staff uploaded. */
async function uploaded({ http, url }: TestStore): Promise<string> {
  const login = { email: "admin@valence.local", password: "correct horse battery" };
  const token = (await http.post<{ accessToken: string }>("auth/login", login)).body.accessToken;
  const red = sharp({ create: { width: 60, height: 40, channels: 3, background: "#c00" } });
  const sent = await fetch(`${url}/api/v1/admin/pictures`, {
    method: "POST",
    headers: { "content-type": "image/png", authorization: `Bearer ${token}` },
    body: await red.png().toBuffer(),
  });
  const { id } = (await sent.json()) as UploadedPicture;
  return eventually(async () => {
    const { body } = await http.get<UploadedPicture>(`admin/pictures/${id}`, { token });
    return body.status === "ready" ? body.url : undefined;
  }, 20_000);
}

/** Rows for more than one page of a table that is read by its key, and of one that is read by number. */
function fillPages(folder: string): void {
  const db = new DatabaseSync(join(folder, "inventory.sqlite"));
  const numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500)";
  db.exec(`${numbers} insert into applied (key, at) select 'k' || (i * 7919 % 2503), '2026-01-01' from n`);
  db.exec(`${numbers} insert into movements (id, sku, kind, quantity, reason, at, made_by)
    select 'm' || (i * 7919 % 2503), 'NONE', 'adjust', 0, '', '2026-01-01', 'test' from n`);
  db.close();
}

const actors = Object.keys(databaseSchemes);

describe("npm run move", function () {
  this.timeout(120_000);
  let dataDir: string;
  let orderId: string;
  let number: string;
  let sku: string;
  let picture: string;

  before(async function () {
    if (postgres === undefined || mongo === undefined) {
      console.warn("\n  !! TEST_POSTGRES_URL and MONGO_URL are not both set: npm run move is not tested\n");
      return this.skip();
    }
    dataDir = mkdtempSync(join(tmpdir(), "valence-move-"));
    const store = await startStore({ seed: true, dataDir });
    try {
      ({ sku } = await inStock(store));
      ({ id: orderId, number } = await place(store, anOrder([{ sku, quantity: 2 }])));
      picture = await uploaded(store);
    } finally {
      await store.stop();
    }
    fillPages(dataDir);
  });
  after(async () => {
    if (postgres === undefined || mongo === undefined) return;
    rmSync(dataDir, { recursive: true, force: true });
    const client = new pg.Client({ connectionString: postgres });
    await client.connect();
    for (const actor of actors)
      await client.query(`drop database if exists "${prefix}_${actor}" with (force)`);
    await client.end();
    const documents = new MongoClient(urlOf("products"));
    await documents.db().dropDatabase();
    await documents.close();
  });

  it("fails where a server cannot be reached, and goes on from there", async () => {
    const broken = await run(
      "--to",
      `${postgres},mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=500`,
      "--data",
      dataDir,
    );
    expect(broken.code).to.equal(1);
    const { code, output } = await run("--to", `${postgres},${mongo}`, "--data", dataDir);
    expect(output).to.match(/counts and checksums equal/);
    expect(output).to.include("ORDERS_DB_URL=postgres");
    expect(code).to.equal(0);
  });

  it("has moved a store that goes on with its orders, stock and numbers", async () => {
    const env = Object.fromEntries(actors.map((actor) => [databaseVariable(actor), urlOf(actor)]));
    const fresh = mkdtempSync(join(tmpdir(), "valence-moved-"));
    for (const name of ["app_secret", "jwt_keys"]) copyFileSync(join(dataDir, name), join(fresh, name));
    const store = await startStore({ dataDir: fresh, env });
    try {
      const [order] = (await store.call("orders.list", {}, { meta: { caller: admin } })).data;
      expect(order).to.include({ id: orderId, number });
      const next = await eventually(
        () => place(store, anOrder([{ sku, quantity: 1 }])).catch(() => undefined),
        20_000,
      );
      expect(next.number).not.to.equal(number);
      const { status, headers } = await fetch(store.url + picture);
      expect([status, headers.get("content-type")]).to.deep.equal([200, "image/webp"]);
    } finally {
      await store.stop();
      rmSync(fresh, { recursive: true, force: true });
    }
  });

  it("says so when something differs", async () => {
    const client = new pg.Client({ connectionString: urlOf("orders") });
    await client.connect();
    await client.query("update orders set email = 'eve@example.com' where id = $1", [orderId]);
    await client.end();
    const { code, output } = await run("--to", `${postgres},${mongo}`, "--data", dataDir);
    expect(output).to.match(/orders\.orders differs: /);
    expect(code).to.equal(1);
  });

  it("refuses a database that holds something else", async () => {
    const client = new pg.Client({ connectionString: urlOf("audit") });
    await client.connect();
    await client.query("drop table move_progress");
    await client.end();
    const { code, output } = await run("--to", `${postgres},${mongo}`, "--data", dataDir);
    expect(output).to.include("the database is not empty");
    expect(code).to.equal(1);
  });
});

const admin = {
  kind: "account" as const,
  id: "0198c0de-0000-7000-8000-00000000000a",
  role: "admin" as const,
  session: "0198c0de-0000-7000-8000-00000000000b",
  email: "staff@example.com",
};
