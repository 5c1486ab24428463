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
});

type Products = Started["shelf"]["documents"]["products"];
