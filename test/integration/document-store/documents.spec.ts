import { expect } from "chai";
import { aBook, aRequest, eachPlace, failure, startShelf, until, type Started } from "./catalogue.ts";

describe("documents", () => {
  eachPlace((place) => {
    let started: Started;
    before(async () => {
      started = await startShelf(await place());
    });
    after(() => started.broker.stop());

    it("gives a new document version 1 and the times of its writing", async () => {
      const { shelf } = started;
      const draft = aBook(shelf, "first");
      const made = await shelf.documents.products.insert(draft);
      expect(made).to.deep.include({ ...draft, version: 1 });
      expect(made.createdAt).to.equal(made.updatedAt);
      expect(await shelf.documents.products.get(draft.id)).to.deep.equal(made);
    });

    it("finds by a unique field, by a field inside a list and by a list's member", async () => {
      const { products } = started.shelf.documents;
      const made = await products.insert(aBook(started.shelf, "found", { categories: ["maps", "rare"] }));
      expect(await products.getBy("slug", "found")).to.deep.equal(made);
      expect(await products.find("variants.sku", ["found-1", "nowhere"])).to.deep.equal([made]);
      expect(await products.find("categories", ["rare"])).to.deep.equal([made]);
      expect(await products.count("categories", "rare")).to.equal(1);
    });

    it("refuses to be asked by a field without an index", async () => {
      const { products } = started.shelf.documents;
      expect((await failure(products.getBy("name", "x"))).message).to.contain("no index");
    });

    it("refuses a slug and a SKU that another document has, each by its own code", async () => {
      const { shelf } = started;
      const { products } = shelf.documents;
      await products.insert(aBook(shelf, "taken"));
      const slug = await failure(
        products.insert(aBook(shelf, "taken", { variants: [{ sku: "new", price: 1 }] })),
      );
      expect([slug.code, slug.type]).to.deep.equal([409, "SLUG_TAKEN"]);
      const other = await products.insert(aBook(shelf, "not-taken"));
      const sku = await failure(
        products.update(other.id, undefined, (now) => ({ ...now, variants: [{ sku: "taken-1", price: 1 }] })),
      );
      expect([sku.code, sku.type]).to.deep.equal([409, "SKU_TAKEN"]);
      expect(await products.get(other.id)).to.deep.equal(other);
    });

    it("refuses a change when the version has moved on, and changes nothing", async () => {
      const { shelf } = started;
      const { products } = shelf.documents;
      const { id } = await products.insert(aBook(shelf, "moving"));
      const second = await products.update(id, 1, (now) => ({ ...now, name: "moved" }));
      expect(second.version).to.equal(2);
      const late = await failure(products.update(id, 1, (now) => ({ ...now, name: "too late" })));
      expect([late.code, late.type]).to.deep.equal([412, "VERSION_MISMATCH"]);
      expect((await products.get(id))?.name).to.equal("moved");
    });

    it("loses none of fifty changes at once", async () => {
      const { shelf } = started;
      const { products } = shelf.documents;
      const { id } = await products.insert(
        aBook(shelf, "counter", { variants: [{ sku: "counter", price: 0 }] }),
      );
      const add = () =>
        products.update(id, undefined, (now) => ({
          ...now,
          variants: now.variants.map(({ sku, price }) => ({ sku, price: price + 1 })),
        }));
      await Promise.all(Array.from({ length: 50 }, add));
      const counted = await products.get(id);
      expect([counted?.variants[0]?.price, counted?.version]).to.deep.equal([50, 51]);
    });

    it("drops a field that a change leaves out", async () => {
      const { shelf } = started;
      const { reviews } = shelf.documents;
      const made = await reviews.insert({ id: shelf.newId(), productId: "p" });
      const { id } = await reviews.update(made.id, 1, () => ({ id: made.id }) as never);
      expect(Object.keys((await reviews.get(id)) ?? {})).to.have.members([
        "id",
        "version",
        "createdAt",
        "updatedAt",
      ]);
    });

    it("answers 404 for a document that is not there or was removed, and frees its slug", async () => {
      const { shelf } = started;
      const { products } = shelf.documents;
      const { id } = await products.insert(aBook(shelf, "short-lived"));
      await products.remove(id, 1);
      expect(await products.get(id)).to.equal(undefined);
      expect(await products.hot(id)).to.equal(undefined);
      expect((await failure(products.update(id, undefined, (now) => now))).type).to.equal(
        "PRODUCT_NOT_FOUND",
      );
      expect((await failure(products.remove(shelf.newId(), undefined))).code).to.equal(404);
      await products.insert(aBook(shelf, "short-lived"));
    });

    it("shows a hot document as its last change left it", async () => {
      const { shelf } = started;
      const { products } = shelf.documents;
      const { id } = await products.insert(aBook(shelf, "hot"));
      expect((await products.hotBy("slug", "hot"))?.name).to.equal("hot");
      await products.update(id, undefined, (now) => ({ ...now, name: "hotter", slug: "hotter" }));
      expect((await products.hot(id))?.name).to.equal("hotter");
      expect((await products.hotBy("slug", "hotter"))?.id).to.equal(id);
      expect(await products.hotBy("slug", "hot")).to.equal(undefined);
    });

    it("answers frozen documents", async () => {
      const { shelf } = started;
      const made = await shelf.documents.products.insert(aBook(shelf, "frozen"));
      expect(() => made.variants.push({ sku: "x", price: 1 })).to.throw(TypeError);
      const read = await shelf.documents.products.get(made.id);
      expect(Object.isFrozen(read?.variants[0])).to.equal(true);
    });

    it("tells which documents changed", async () => {
      const { shelf, changed } = started;
      const { id } = await shelf.documents.products.insert(aBook(shelf, "told"));
      await until(() => changed.some(([collection, ids]) => collection === "products" && ids.includes(id)));
    });

    it("answers a repeated key with the first answer, also after later changes", async () => {
      const { shelf } = started;
      const { products } = shelf.documents;
      const request = () => aRequest({ idempotencyKey: "key-1" }, { name: "keyed" });
      const first = await products.once(request(), (once) =>
        products.insert(aBook(shelf, "keyed"), undefined, once),
      );
      await products.update(first.id, 1, (now) => ({ ...now, name: "changed" }));
      const again = request();
      const second = await products.once(again, () => Promise.reject(new Error("ran again")));
      expect(second).to.deep.equal(first);
      expect(again.meta).to.include({ replayed: true });
      const reused = await failure(
        products.once(aRequest({ idempotencyKey: "key-1" }, { name: "other" }), () =>
          Promise.reject(new Error("ran")),
        ),
      );
      expect([reused.code, reused.type]).to.deep.equal([422, "IDEMPOTENCY_KEY_REUSED"]);
    });

    it("takes a key again after a day", async () => {
      const { shelf, advance } = started;
      const { products } = shelf.documents;
      const place = (name: string) =>
        products.once(aRequest({ idempotencyKey: "daily" }, { name }), (once) =>
          products.insert(aBook(shelf, name), undefined, once),
        );
      await place("monday");
      advance(24 * 3_600_000 + 1);
      expect((await place("tuesday")).name).to.equal("tuesday");
    });

    it("writes once when one key comes ten times at the same moment", async () => {
      const { shelf } = started;
      const { products } = shelf.documents;
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          products.once(aRequest({ idempotencyKey: "key-2" }), (once) =>
            products.insert(aBook(shelf, `ten-${i}`), undefined, once),
          ),
        ),
      );
      expect(new Set(answers.map(({ id }) => id)).size).to.equal(1);
    });
  });
});
