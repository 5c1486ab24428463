import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import contract, { type Import } from "../../../services/products/products.contract.ts";
import { rowsStream } from "../../../services/gateway/gateway.rows.ts";
import { eventually } from "../../helpers/eventually.ts";
import { refusalOf, staff } from "../../helpers/shop.ts";
import type { TestStore } from "../../helpers/store.ts";
import { place, startCatalogue } from "./catalogue.ts";

const header = "sku,name,description,category,price,currency,stock,image,product,option:size,price:EUR";
const csv = (...rows: string[]): string => [header, ...rows, ""].join("\n");

async function textOf(stream: unknown): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as Readable) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString("utf8");
}

describe("imports", function () {
  this.timeout(60_000);
  let store: TestStore;
  let env: Record<string, string>;
  before(async () => {
    env = await place();
    store = await startCatalogue({}, { env });
  });
  after(() => store.stop());

  const start = (body: string | Buffer, params: { dryRun?: boolean } = {}, on = store) =>
    on.call("products.startImport", params, { meta: staff, stream: Readable.from([body]) });
  const ended = (id: string, on = store): Promise<Import> =>
    eventually(async () => {
      const job = await on.call("products.import", { id });
      return job.status === "running" ? undefined : job;
    }, 50_000);
  const run = async (body: string | Buffer, params?: { dryRun?: boolean }): Promise<Import> =>
    ended((await start(body, params)).id);
  const shown = (idOrSlug: string, currency = "GBP") => store.call("products.get", { idOrSlug, currency });

  it("makes products of rows, with their variants, prices, stock, pictures and categories", async () => {
    const job = await run(
      csv(
        'JUG-1,Jug,"Pours, slowly",Kitchen,19.90,GBP,3,/pictures/jug.svg,jug,1 l,22.5',
        "JUG-2,,,,24,GBP,0,,jug,2 l,",
        "LONE,Lone thing,,,1.05,GBP,8,,,,",
      ),
    );
    expect(job).to.include({ status: "done", rows: 3, created: 3, updated: 0, failed: 0 });
    const jug = await shown("jug");
    expect(jug).to.deep.include({
      name: "Jug",
      description: "Pours, slowly",
      categories: ["kitchen"],
      options: ["size"],
    });
    expect(jug.images).to.deep.equal([{ url: "/pictures/jug.svg", alt: "Jug" }]);
    expect(
      jug.variants.map(({ sku, name, price, available }) => [sku, name, price.amount, available]),
    ).to.deep.equal([
      ["JUG-1", "1 l", 1990, 3],
      ["JUG-2", "2 l", 2400, 0],
    ]);
    expect((await shown("jug", "EUR")).variants.map(({ price }) => price.amount)).to.deep.equal([2250]);
    expect((await shown("lone-thing")).variants[0]).to.deep.include({
      price: { amount: 105, currency: "GBP" },
      available: 8,
    });
    const { data } = await store.call("products.categories", {});
    expect(data.map(({ slug, name }) => [slug, name])).to.deep.equal([["kitchen", "Kitchen"]]);
  });

  it("updates what a known SKU's row says, and leaves the rest", async () => {
    const job = await run(csv("JUG-1,,,,21.00,GBP,5,,,,"));
    expect(job).to.include({ created: 0, updated: 1, failed: 0 });
    const jug = await shown("jug");
    expect(jug.name).to.equal("Jug");
    expect(jug.variants[0]).to.deep.include({
      name: "1 l",
      available: 5,
      price: { amount: 2100, currency: "GBP" },
    });
    expect((await shown("jug", "EUR")).variants[0]?.price.amount).to.equal(2250);
  });

  it("fails a bad row alone, and says where and why", async () => {
    const job = await run(
      csv(
        ",Nameless,,,1,GBP,1,,,,",
        "BAD-PRICE,Bad,,,1.999,GBP,1,,,,",
        "GOOD,Good,,,2.00,GBP,1,,,,",
        "BAD-STOCK,Bad,,,1,GBP,-4,,,,",
        "NO-PRICE,Bad,,,,,1,,,,",
        "BAD-PICTURE,Bad,,,1,GBP,1,javascript:alert(1),,,",
        "SHORT,Bad",
        'OPEN,"Open quote,,,1,GBP,1,,,,',
      ),
    );
    expect(job).to.include({ rows: 8, created: 1, updated: 0, failed: 7 });
    expect(job.errors.map(({ row, column }) => [row, column])).to.deep.equal([
      [1, "sku"],
      [2, "price"],
      [4, "stock"],
      [5, "price"],
      [6, "image"],
      [7, ""],
      [8, ""],
    ]);
    expect((await shown("good")).variants[0]?.available).to.equal(1);
  });

  it("gives the refused rows back as a file that can be corrected and imported", async () => {
    const { id } = await run(csv("FIX-ME,=Fix me,,,oops,GBP,1,,,,", "FIX-TOO,Too,,,1,GBP,x,,,,"));
    const text = await textOf(await store.call("products.importErrors", { id }));
    expect(text.split("\n")[1]).to.equal(
      'FIX-ME,\'=Fix me,,,oops,GBP,1,,,,,1,price,"is not a price in decimal major units, such as 19.99"',
    );
    const again = await run(text.replace("oops", "3.00").replace(",x,", ",2,"));
    expect(again).to.include({ created: 2, failed: 0 });
    expect((await shown("fix-me")).name).to.equal("=Fix me");
  });

  it("changes nothing in a trial, and counts what it would do", async () => {
    const job = await run(
      csv("TRIAL,Trial,,New category,1,GBP,1,,,,", "JUG-1,Other name,,,1,GBP,1,,,,", "x,,,,y,,,,,,"),
      {
        dryRun: true,
      },
    );
    expect(job).to.include({ dryRun: true, created: 1, updated: 1, failed: 1 });
    expect((await refusalOf(shown("trial"))).code).to.equal(404);
    expect((await shown("jug")).name).to.equal("Jug");
    const { data } = await store.call("products.categories", {});
    expect(data.some(({ slug }) => slug === "new-category")).to.equal(false);
  });

  it("refuses a file with a wrong header before it starts", async () => {
    for (const body of ["name,price\na,1\n", "sku,colour\na,b\n", "sku,sku\na,b\n", ""]) {
      const refused = await refusalOf(start(body));
      expect([refused.code, refused.type]).to.deep.equal([422, "CSV_HEADER_INVALID"]);
    }
    expect(readdirSync(join(store.dataDir, "imports"))).to.deep.equal([]);
  });

  it("takes a byte order mark, carriage returns and text in quotes over several lines", async () => {
    const job = await run(`\ufeff${header}\r\nBOM,Bom,"two\r\nlines",,1,GBP,1,,,,\r\n`);
    expect(job).to.include({ created: 1, failed: 0 });
    expect((await shown("bom")).description).to.equal("two\r\nlines");
  });

  it("refuses text that is not UTF-8, row by row", async () => {
    const latin = Buffer.from(csv("LATIN,Caf\u00e9,,,1,GBP,1,,,,", "PLAIN,Plain,,,1,GBP,1,,,,"), "latin1");
    expect(await run(latin)).to.include({ created: 1, failed: 1 });
  });

  it("runs one import at a time", async () => {
    const rows = Array.from({ length: 1000 }, (_, i) => `BULK-${i},Bulk ${i},,,1,GBP,1,,,,`);
    const first = await start(csv(...rows));
    const second = await refusalOf(start(csv("X,X,,,1,GBP,1,,,,")));
    expect([second.code, second.type]).to.deep.equal([409, "IMPORT_RUNNING"]);
    expect(await ended(first.id)).to.include({ rows: 1000, created: 1000, failed: 0 });
  });

  it("tells its progress live until it ends", async () => {
    const rows = Array.from({ length: 1200 }, (_, i) => `LIVE-${i},Live ${i},,,1,GBP,1,,,,`);
    const { id } = await start(csv(...rows));
    const text = await textOf(await store.call("products.importStream", { id }));
    const last = JSON.parse(text.trimEnd().split("\n").at(-1)!.slice("data: ".length)) as Import;
    expect(last).to.include({ status: "done", rows: 1200 });
    expect(text).to.match(/^event: import\nid: 1\n/);
  });

  /** As the gateway writes it: one part after the other, by the columns of the first. */
  const exported = async (): Promise<string> => {
    const first = await store.call("products.exportProducts", {});
    const more = async (after: string) => await store.call("products.exportProducts", { after });
    return text(rowsStream(contract.actions.exportProducts.returns, "csv", first, more));
  };

  it("exports what an import reads back without a change", async () => {
    const table = await exported();
    const before = await shown("jug");
    const job = await run(table);
    expect(job.failed).to.equal(0);
    expect(job.created).to.equal(0);
    const { version: _, updatedAt: __, ...after } = await shown("jug");
    expect(before).to.deep.include(after);
  });

  it("goes on after a stop where it stood", async () => {
    const dataDir = store.dataDir;
    const rows = Array.from({ length: 2000 }, (_, i) => `STOP-${i},Stop ${i},,,1,GBP,1,,,,`);
    const { id } = await start(csv(...rows));
    await eventually(async () => (await store.call("products.import", { id })).rows > 0);
    await store.broker.stop();
    const next = await startCatalogue({}, { dataDir, env });
    try {
      const job = await ended(id, next);
      expect(job).to.include({ status: "done", rows: 2000, failed: 0 });
      expect(job.created + job.updated).to.equal(2000);
      // The stand-in for MongoDB reads every product for this, and may be slow at it on a busy machine.
      const ends = { skus: ["STOP-0", "STOP-1999"], currency: "GBP" };
      const found = await eventually(
        () => next.call("products.resolve", ends).catch(() => undefined),
        20_000,
      );
      expect(found).to.have.length(2);
    } finally {
      await next.stop();
    }
  });
});
