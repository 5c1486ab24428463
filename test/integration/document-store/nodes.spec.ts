import { expect } from "chai";
import { MongoAdapter } from "../../../mixins/document-mongo.ts";
import { aBook, mongoUrl, newDatabase, newFolder, startShelf, type Started, until } from "./catalogue.ts";

(mongoUrl === undefined ? describe.skip : describe)("two nodes on one document database", () => {
  let nodes: Started[];
  before(async () => {
    const url = await newDatabase();
    nodes = [
      await startShelf({ dataDir: newFolder(), url }),
      await startShelf({ dataDir: newFolder(), url }),
    ];
  });
  after(() => Promise.all(nodes.map(({ broker }) => broker.stop())));

  it("lose none of forty changes at once", async () => {
    const [first, second] = nodes.map(({ shelf }) => shelf.documents.products) as never as [
      Products,
      Products,
    ];
    const { id } = await first.insert(
      aBook(nodes[0]!.shelf, "raced", { variants: [{ sku: "raced", price: 0 }] }),
    );
    const add = (products: Products) =>
      products.update(id, undefined, (now) => ({
        ...now,
        variants: now.variants.map(({ sku, price }) => ({ sku, price: price + 1 })),
      }));
    await Promise.all(Array.from({ length: 40 }, (_, i) => add(i % 2 === 0 ? first : second)));
    expect((await first.get(id))?.variants[0]?.price).to.equal(40);
  });

  it("show a hot document of the other at most a second old", async () => {
    const [first, second] = nodes.map(({ shelf }) => shelf.documents.products) as never as [
      Products,
      Products,
    ];
    const { id } = await first.insert(aBook(nodes[0]!.shelf, "seen"));
    await second.hot(id);
    await first.update(id, undefined, (now) => ({ ...now, name: "changed" }));
    await until(async () => (await second.hot(id))?.name === "changed", 1500);
    expect((await second.get(id))?.name).to.equal("changed");
  });

  it("read no hot document anew that nobody changes, and see its change and its end within a second all the same", async () => {
    const [first, second] = nodes.map(({ shelf }) => shelf.documents.products) as never as [
      Products,
      Products,
    ];
    const { id } = await first.insert(aBook(nodes[0]!.shelf, "hot"));
    const get = second.get.bind(second);
    let reads = 0;
    second.get = (one) => {
      reads += 1;
      return get(one);
    };
    const since = Date.now();
    await until(async () => (await second.hot(id))?.name === "hot" && Date.now() - since > 3000, 5000);
    expect(reads).to.equal(1);
    await first.update(id, undefined, (now) => ({ ...now, name: "hotter" }));
    await until(async () => (await second.hot(id))?.name === "hotter", 1500);
    await first.remove(id, undefined);
    await until(async () => (await second.hot(id)) === undefined, 1500);
  });

  it("ask for changes of those collections alone of which they keep something hot", async () => {
    const [, { shelf }] = nodes as [Started, Started];
    const asking = new Set<unknown>();
    const { changes } = MongoAdapter.prototype;
    MongoAdapter.prototype.changes = function (...of) {
      asking.add(this);
      return changes.apply(this, of);
    };
    try {
      const { id } = await shelf.documents.products.insert(aBook(shelf, "one shelf"));
      await shelf.documents.products.hot(id);
      const since = Date.now();
      await until(() => Date.now() - since > 1100);
    } finally {
      MongoAdapter.prototype.changes = changes;
    }
    expect(asking.size).to.equal(1);
  });

  it("see a change of a hot document among more than are asked for at once", async () => {
    const [{ shelf }, other] = nodes as [Started, Started];
    const [first, second] = [shelf.documents.products, other.shelf.documents.products];
    const many = Array.from({ length: 2100 }, (_, n) => aBook(shelf, `one of many ${n}`));
    await first.upsertMany(many.map((book) => ({ id: book.id, change: () => book })));
    const { id } = await first.insert(aBook(shelf, "beside"));
    await second.hot(id);
    await first.update(id, undefined, (now) => ({ ...now, name: "besides" }));
    await until(async () => (await second.hot(id))?.name === "besides", 1500);
  }).timeout(20_000);

  it("read a hot document anew each minute, so that no change by a node whose clock is late is missed for longer", async () => {
    const [{ shelf }, other] = nodes as [Started, Started];
    const [first, second] = [shelf.documents.products, other.shelf.documents.products];
    const looksTwice = async () => {
      const since = Date.now();
      await until(() => Date.now() - since > 1100);
    };
    const { id } = await first.insert(aBook(shelf, "late"));
    other.advance(3_600_000);
    await looksTwice();
    await second.hot(id);
    await first.update(id, undefined, (now) => ({ ...now, name: "too late" }));
    await looksTwice();
    expect((await second.hot(id))?.name).to.equal("late");
    other.advance(60_000);
    await looksTwice();
    expect((await second.hot(id))?.name).to.equal("too late");
  });
});

type Products = Started["shelf"]["documents"]["products"];
