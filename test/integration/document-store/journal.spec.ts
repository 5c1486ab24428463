import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { Journal } from "../../../mixins/document-journal.ts";
import { failure, newFolder } from "./catalogue.ts";

describe("the journal", () => {
  it("is flushed at once when nothing waits", async () => {
    await new Journal(join(newFolder(), "x.db")).flushed();
  });

  it("keeps the order of what was appended", async () => {
    const path = join(newFolder(), "x.db");
    const journal = new Journal(path);
    for (let i = 0; i < 100; i += 1) {
      journal.append(`{"n":${i}}\n`);
      if (i % 10 === 0) await journal.flushed();
    }
    await journal.close();
    const numbers = (await readFile(path, "utf8")).split("\n").filter((line) => line.startsWith('{"n"'));
    expect(numbers).to.deep.equal(Array.from({ length: 100 }, (_, i) => `{"n":${i}}`));
  });

  it("takes nothing more once the disk has refused a write", async () => {
    const journal = new Journal("/dev/full");
    journal.append("{}\n");
    expect(await failure(journal.flushed())).to.include({ type: "STORE_UNAVAILABLE", code: 503 });
    expect(() => journal.append("{}\n"))
      .to.throw()
      .with.property("type", "STORE_UNAVAILABLE");
    expect((await failure(journal.flushed())).type).to.equal("STORE_UNAVAILABLE");
    await journal.close();
  });
});
