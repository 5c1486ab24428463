import { expect } from "chai";
import { MongoClient } from "mongodb";
import type { ServiceBroker } from "moleculer";
import pg from "pg";
import { words } from "../../scripts/repl/words.ts";
import { Client, login } from "../../scripts/lib/client.ts";
import { importCatalogue } from "../../scripts/replay/import.ts";
import { eventually } from "../helpers/eventually.ts";
import { needsServers, startClusterStore, type ClusterStore } from "./cluster-store.ts";
import { consoleOn } from "./console.ts";
import { freshKey, orderOf } from "./load.ts";

interface Found {
  id: string;
  name: string;
  version: number;
  variants: { sku: string; available: number }[];
}

/** Milliseconds: until a change shows everywhere, and until a missed event is made good. */
const SHOWN = 1500;
const CAUGHT_UP = 30_000;
const catalogues = ["catalogue.1", "catalogue.2"];
const article = (sku: string, name: string, sold: number) => ({ sku, name, price: 1000, sold });

describe("a live cluster", function () {
  this.timeout(90_000);
  let store: ClusterStore;
  let client: Client;
  let staff: Record<string, string>;
  let operator: ServiceBroker;

  before(async function () {
    needsServers(this);
    store = await startClusterStore();
    client = new Client(store.url);
    staff = await login(client, "admin@example.com", "correct horse battery");
    const articles = [
      article("ANVIL", "Anvil", 10),
      article("BELLOWS", "Bellows", 5),
      article("CHISEL", "Chisel", 10),
      article("DRILL", "Drill", 10),
    ];
    await importCatalogue(store.url, staff, articles, () => undefined);
    operator = await consoleOn(store);
  });
  after(async () => {
    await operator?.stop();
    client?.close();
    await store?.end();
  });

  const foundOn = async (nodeID: string, q: string): Promise<Found[]> =>
    (await operator.call<{ data: Found[] }, object>("search.products", { q }, { nodeID })).data;
  const onEach = (q: string, is: (found: Found[]) => boolean, within = SHOWN) =>
    eventually(async () => (await Promise.all(catalogues.map((id) => foundOn(id, q)))).every(is), within);
  async function productOf(q: string): Promise<Found> {
    await onEach(q, (found) => found.length === 1, CAUGHT_UP);
    return (await foundOn("catalogue.1", q))[0] as Found;
  }
  const ifMatch = ({ version }: Found) => ({ ...staff, "if-match": `"${version}"` });

  describe("shows on every catalogue node", () => {
    it("a changed product, in lists and by its id", async () => {
      const product = await productOf("anvil");
      const path = `/admin/products/${product.id}`;
      await client.expect(200, {
        method: "PATCH",
        path,
        body: { name: "Heavy smithing block" },
        headers: ifMatch(product),
      });
      await onEach("smithing", ([first]) => first?.name === "Heavy smithing block");
      for (const nodeID of catalogues) {
        const shown = await operator.call<Found, object>(
          "products.get",
          { idOrSlug: product.id },
          { nodeID },
        );
        expect(shown.name, nodeID).to.equal("Heavy smithing block");
      }
    });

    it("that a product is sold out", async () => {
      await productOf("bellows");
      await client.expect(201, {
        method: "POST",
        path: "/orders",
        body: orderOf("BELLOWS", 5),
        headers: freshKey(),
      });
      await onEach("bellows", ([first]) => first?.variants[0]?.available === 0);
    });

    it("that a product is gone", async () => {
      const product = await productOf("chisel");
      const { status } = await client.send({
        method: "DELETE",
        path: `/admin/products/${product.id}`,
        headers: ifMatch(product),
      });
      expect(status).to.equal(204);
      await onEach("chisel", (found) => found.length === 0);
    });

    it("a change whose event nobody heard, within thirty seconds", async () => {
      const product = await productOf("drill");
      const mongo = await new MongoClient(store.databaseUrls["products"] as string).connect();
      try {
        const at = new Date().toISOString();
        // As a node writes it that dies before it tells anybody.
        await mongo
          .db()
          .collection<{ _id: string }>("products")
          .updateOne(
            { _id: product.id },
            {
              $set: { name: "Cordless screwdriver", updatedAt: at, _at: `${at}|${product.id}` },
              $inc: { version: 1 },
            },
          );
      } finally {
        await mongo.close();
      }
      await onEach("cordless", (found) => found.length === 1, CAUGHT_UP);
    });
  });

  describe("has a console whose word", () => {
    /** Says a word, and answers what it printed. */
    async function say(line: string, options: object = {}): Promise<string> {
      const [name = "", argument = ""] = line.split(" ");
      const word = words.find(({ command }) => command.split(" ")[0] === name);
      if (!word) throw new Error(`There is no word ${name}.`);
      const [, parameter] = /<(\w+)>/.exec(word.command) ?? [];
      const printed: unknown[] = [];
      const originals = { dir: console.dir, log: console.log, table: console.table };
      const keep = (value: unknown) => void printed.push(value);
      Object.assign(console, { dir: keep, log: keep, table: keep });
      try {
        await word.action(operator, { ...(parameter && { [parameter]: argument }), options } as never);
      } finally {
        Object.assign(console, originals);
      }
      return JSON.stringify(printed);
    }
    const refusalOf = (line: string): Promise<string> =>
      say(line).then(
        () => "",
        (error: unknown) => (error as Error).message,
      );
    /** Ids of what the console's entries in the audit log are about. */
    const auditedOf = async (action: string): Promise<string[]> => {
      const { data } = await operator.call<{ data: { entityId: string; by: string }[] }, object>(
        "audit.list",
        {
          action,
        },
      );
      return data.filter(({ by }) => by.startsWith("repl:")).map(({ entityId }) => entityId);
    };
    const ask = async <R extends object>(actor: string, text: string): Promise<R[]> => {
      const database = new pg.Client({ connectionString: store.databaseUrls[actor] });
      await database.connect();
      try {
        return (await database.query<R>(text)).rows;
      } finally {
        await database.end();
      }
    };

    it("orders, customer, stock and saga show what the shop knows", async () => {
      const order = await client.expect<{ id: string; number: string }>(201, {
        method: "POST",
        path: "/orders",
        body: orderOf("ANVIL", 2),
        headers: freshKey(),
      });
      expect(await say(`orders ${order.number}`))
        .to.include(order.id)
        .and.include('"confirmed"');
      expect(await refusalOf("orders V-0")).to.equal("There is no order V-0.");
      expect(await say("customer ada@example.com")).to.include(order.number);
      expect(await say("stock ANVIL"))
        .to.include('"onHand":10')
        .and.include('"reserved":2');
      expect(await say("stock ANVIL", { watch: "1" })).to.include('"reserved":2');
      expect(await say(`saga ${order.number}`)).to.include(`Nothing waits for ${order.number}.`);
    });

    it("parked lists what was given up, and resend tries it again and says so in the audit log", async () => {
      const [row] = await ask<{ seq: string }>(
        "orders",
        `insert into outbox (subscriber, event_id, type, entity, version, at, payload, attempts, due, parked, error)
         select 'notifications', id, type, entity, version, at, payload, 12, 0, 1, 'as a test' from events
         where type = 'orders.confirmed' limit 1 returning seq`,
      );
      const id = `orders/${row?.seq ?? ""}`;
      expect(await say("parked")).to.include(`"${id}"`);
      expect(await say(`resend ${id}`)).to.include('"resent":true');
      await eventually(async () => !(await say("parked")).includes(`"${id}"`));
      await eventually(
        async () =>
          (await ask("orders", `select seq from outbox where seq = ${row?.seq ?? ""}`)).length === 0,
      );
      expect(await auditedOf("repl.resend")).to.deep.equal([id]);
      expect(await refusalOf("resend orders/999999")).to.include("no parked message");
      expect(await auditedOf("repl.resend")).to.deep.equal([id]);
    });

    it("reindex builds the index of each catalogue node anew, and is in the audit log", async () => {
      const built = () =>
        Promise.all(
          catalogues.map(
            async (nodeID) =>
              (await operator.call<{ builtAt: string }, object>("search.status", {}, { nodeID })).builtAt,
          ),
        );
      const before = await built();
      await say("reindex");
      await eventually(async () => (await built()).every((at, n) => at !== before[n]), 10_000);
      expect(await auditedOf("repl.reindex")).to.deep.equal(["all"]);
    });

    it("verify reports every invariant of the cluster's databases", async () => {
      await eventually(async () => {
        const lines = await say("verify");
        expect(lines).to.include("I5 ").and.include("I20 ").and.include("No violation.");
        return true;
      }, 10_000);
    });

    it("drain lets a node finish and stop, and is in the audit log", async () => {
      await say("drain people.2");
      await eventually(() => !store.node("people.2").running, 15_000);
      expect(await auditedOf("repl.drain")).to.deep.equal(["people.2"]);
      expect(await refusalOf("drain people.9")).to.include("There is no node people.9");
      expect(await auditedOf("repl.drain")).to.deep.equal(["people.2"]);
      await store.node("people.2").start();
    });
  });
});
