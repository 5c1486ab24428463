import { expect } from "chai";
import type { Stored } from "../../../mixins/document-types.ts";
import { aBook, eachPlace, startShelf, type Book, type Started } from "./catalogue.ts";

describe("pages of documents", () => {
  eachPlace((place) => {
    let started: Started;
    const ids: string[] = [];
    before(async () => {
      started = await startShelf(await place());
      const { shelf } = started;
      const drafts = Array.from({ length: 2500 }, (_, i) => aBook(shelf, `book-${i}`));
      ids.push(...drafts.map(({ id }) => id));
      await shelf.documents.products.upsertMany(
        drafts.map((draft) => ({ id: draft.id, change: () => draft })),
      );
    });
    after(() => started.broker.stop());

    it("iterates over every document once, in the order of creation", async () => {
      const seen: string[] = [];
      for await (const page of started.shelf.documents.products.iterate(400))
        seen.push(...page.map(({ id }) => id));
      expect(seen).to.deep.equal(ids);
    });

    it("pages backwards between bounds", async () => {
      const { products } = started.shelf.documents;
      const page = await products.range("id", { before: ids[100], limit: 3, descending: true });
      expect(page.map(({ id }) => id)).to.deep.equal([ids[99], ids[98], ids[97]]);
      const between = await products.range("slug", { after: "book-99", before: "book-993", limit: 10 });
      expect(between.map(({ slug }) => slug)).to.deep.equal(["book-990", "book-991", "book-992"]);
    });

    it("shows what changed after a point, and removed documents as tombstones", async () => {
      const { products } = started.shelf.documents;
      const last = (await all()).at(-1) as Stored;
      await products.update(ids[7] as string, undefined, (now) => ({ ...now, name: "changed" }));
      await products.remove(ids[8] as string, undefined);
      const changed = await products.changed({ updatedAt: last.updatedAt, id: last.id }, 10);
      expect(changed.map(({ id }) => id)).to.have.members([ids[7], ids[8]]);
      expect(changed.find(({ id }) => id === ids[8])).to.include({ removed: true });
      expect(await all()).to.have.length(2500);
    });

    it("fails a refused item of many alone", async () => {
      const { shelf } = started;
      const { products } = shelf.documents;
      const taken = aBook(shelf, "book-1");
      const fresh = aBook(shelf, "fresh");
      const results = await products.upsertMany([
        { id: taken.id, change: () => taken },
        { id: fresh.id, change: () => fresh },
        { id: ids[3] as string, change: (now) => ({ ...(now as Book), name: "again" }) },
      ]);
      expect(
        results.map((result) =>
          "ok" in result ? result.ok.version : (result.error as { type?: string }).type,
        ),
      ).to.deep.equal(["SLUG_TAKEN", 1, 2]);
    });

    async function all() {
      const { products } = started.shelf.documents;
      const found = await products.changed(undefined, 1000);
      for (;;) {
        const { updatedAt, id } = found.at(-1) as Stored;
        const page = await products.changed({ updatedAt, id }, 1000);
        if (page.length === 0) return found;
        found.push(...page);
      }
    }
  });
});
