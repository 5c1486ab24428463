import { expect } from "chai";
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
});

type Products = Started["shelf"]["documents"]["products"];
