import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { aBook, failure, newFolder, startShelf, until } from "./catalogue.ts";

const file = (dataDir: string): string => join(dataDir, "products.db");
const text = (dataDir: string): Promise<string> => readFile(file(dataDir), "utf8");
const frames = (content: string): number => content.split('{"$$frame"').length - 1;

/** A folder whose file holds `names`, closed. */
async function written(names: readonly string[]): Promise<{ dataDir: string; ids: string[] }> {
  const dataDir = newFolder();
  const { broker, shelf } = await startShelf({ dataDir });
  const made = await Promise.all(names.map((name) => shelf.documents.products.insert(aBook(shelf, name))));
  await broker.stop();
  return { dataDir, ids: made.map(({ id }) => id) };
}

async function reopened(dataDir: string, ids: readonly string[]): Promise<number> {
  const { broker, shelf } = await startShelf({ dataDir });
  const found = await Promise.all(ids.map((id) => shelf.documents.products.get(id)));
  await broker.stop();
  return found.filter(Boolean).length;
}

describe("the document file", () => {
  it("holds a write before the write is answered", async () => {
    const dataDir = newFolder();
    const { broker, shelf } = await startShelf({ dataDir });
    const { id } = await shelf.documents.products.insert(aBook(shelf, "written"));
    expect(await text(dataDir)).to.contain(id);
    await broker.stop();
  });

  it("takes many waiting writes in few flushes", async () => {
    const dataDir = newFolder();
    const { broker, shelf } = await startShelf({ dataDir });
    const before = frames(await text(dataDir));
    const drafts = Array.from({ length: 200 }, (_, i) => aBook(shelf, `book-${i}`));
    await Promise.all(drafts.map((draft) => shelf.documents.products.insert(draft)));
    expect(frames(await text(dataDir)) - before).to.be.lessThan(20);
    await broker.stop();
  });

  it("loses nothing that was acknowledged when the process is killed", async function () {
    this.timeout(30_000);
    const dataDir = newFolder();
    const child = spawn(process.execPath, [join(import.meta.dirname, "writer.ts"), dataDir]);
    const acknowledged: string[] = [];
    createInterface({ input: child.stdout }).on("line", (id) => acknowledged.push(id));
    await until(() => acknowledged.length > 500, 20_000);
    child.kill("SIGKILL");
    await once(child, "close");
    const ids = acknowledged.filter((id) => id.length === 36);
    expect(ids.length).to.be.greaterThan(500);
    expect(await reopened(dataDir, ids)).to.equal(ids.length);
  });

  it("drops a batch that a crash left unfinished, and keeps all before it", async () => {
    const { dataDir, ids } = await written(["a", "b", "c"]);
    await appendFile(file(dataDir), '{"_id":"torn","slug":"torn","na');
    expect(await reopened(dataDir, ids)).to.equal(3);
    expect(await text(dataDir)).not.to.contain("torn");
  });

  it("drops a last batch whose pages did not all reach the disk", async () => {
    const { dataDir, ids } = await written(["a"]);
    const { broker, shelf } = await startShelf({ dataDir });
    const late = await shelf.documents.products.insert(aBook(shelf, "late"));
    await broker.stop();
    const content = await text(dataDir);
    await writeFile(file(dataDir), content.replace(late.id, "\0".repeat(late.id.length)));
    expect(await reopened(dataDir, ids)).to.equal(1);
  });

  it("refuses to start on damage before the end", async () => {
    const { dataDir } = await written(["a"]);
    const { broker, shelf } = await startShelf({ dataDir });
    await shelf.documents.products.insert(aBook(shelf, "b"));
    await shelf.documents.products.insert(aBook(shelf, "c"));
    await broker.stop();
    const content = await text(dataDir);
    await writeFile(file(dataDir), content.replace('"name":"b"', '"name":"x"'));
    const refused = await failure(startShelf({ dataDir }));
    expect(refused.message).to.contain("products.db is damaged");
    expect(await text(dataDir)).to.contain('"name":"x"');
  });

  it("refuses a lost trailer between two batches", async () => {
    const { dataDir } = await written(["a"]);
    const { broker, shelf } = await startShelf({ dataDir });
    await shelf.documents.products.insert(aBook(shelf, "b"));
    await shelf.documents.products.insert(aBook(shelf, "c"));
    await broker.stop();
    const lines = (await text(dataDir)).trimEnd().split("\n");
    const last = lines.findLastIndex((line, i) => i < lines.length - 1 && line.startsWith('{"$$frame"'));
    lines[last] = lines[last]?.replace("$$frame", "$$frxme") as string;
    await writeFile(file(dataDir), `${lines.join("\n")}\n`);
    expect((await failure(startShelf({ dataDir }))).message).to.contain("damaged");
  });

  it("refuses a file that this store did not make, and leaves it alone", async () => {
    const dataDir = newFolder();
    await writeFile(file(dataDir), '{"_id":"1"}\n');
    expect((await failure(startShelf({ dataDir }))).message).to.contain("damaged");
    expect(await text(dataDir)).to.equal('{"_id":"1"}\n');
  });

  it("is compacted at each start", async () => {
    const { dataDir, ids } = await written(["a"]);
    const { broker, shelf } = await startShelf({ dataDir });
    for (let i = 0; i < 50; i += 1)
      await shelf.documents.products.update(ids[0] as string, undefined, (now) => ({
        ...now,
        name: `name ${i}`,
      }));
    await broker.stop();
    const before = (await text(dataDir)).length;
    expect(await reopened(dataDir, ids)).to.equal(1);
    expect((await text(dataDir)).length).to.be.lessThan(before / 10);
  });

  it("starts on an empty file", async () => {
    const { dataDir } = await written([]);
    await truncate(file(dataDir), 0);
    expect(await reopened(dataDir, [])).to.equal(0);
  });
});
