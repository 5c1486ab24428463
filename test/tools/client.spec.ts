import { execFile, spawnSync } from "node:child_process";
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { expect } from "chai";
import { startStore, type TestStore } from "../helpers/store.ts";
import { root } from "../unit/deploy/yaml.ts";
import { installTools, toolsFolder } from "./tools.ts";

const folder = join(root, "client");

interface Item {
  item?: Item[];
  request?: { method: string };
}
const requestsOf = (items: readonly Item[]): number =>
  items.reduce((sum, { item, request }) => sum + (request ? 1 : 0) + requestsOf(item ?? []), 0);

describe("the client that is made of the API's document", function () {
  this.timeout(180_000);
  let store: TestStore;
  before(async () => {
    installTools();
    const made = spawnSync(process.execPath, [join(root, "scripts/make-client.ts")], { encoding: "utf8" });
    expect(made.status, made.stdout + made.stderr).to.equal(0);
    store = await startStore({ seed: true });
  });
  after(() => store?.stop());

  it("shops through its types: lists, fills a cart, orders, reads the order, and reads a refusal", async () => {
    const modules = join(folder, "node_modules");
    symlinkSync(join(toolsFolder, "node_modules"), modules, "dir");
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "order.ts"), store.url]);
      const { number, ...said } = JSON.parse(stdout) as { number: string };
      expect(number).to.match(/^\d{6,}$/);
      expect(said).to.deep.include({ status: "confirmed", refused: "CURRENCY_NOT_OFFERED" });
    } finally {
      rmSync(modules);
    }
  });

  it("has a Postman request for every operation of the document", () => {
    const read = <T>(name: string) => JSON.parse(readFileSync(join(folder, name), "utf8")) as T;
    const { paths } = read<{ paths: Record<string, object> }>("openapi.json");
    const operations = Object.values(paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
    expect(requestsOf(read<{ item: Item[] }>("postman.json").item)).to.equal(operations);
  });
});
