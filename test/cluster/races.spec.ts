import { expect } from "chai";
import { Client, login, type Answer } from "../../scripts/lib/client.ts";
import { importCatalogue } from "../../scripts/replay/import.ts";
import { runChecks } from "../../scripts/verify/run.ts";
import { violationsOf } from "../../scripts/crash/settle.ts";
import { eventually } from "../helpers/eventually.ts";
import { needsServers, startClusterStore, type ClusterStore } from "./cluster-store.ts";
import { freshKey, orderOf } from "./load.ts";

const PIECES = 5;
const ROUNDS = 20;
const RACERS = 50;

const article = (sku: string, sold: number) => ({ sku, name: sku, price: 1000, sold });
const last = Array.from({ length: ROUNDS }, (_, n) => article(`LAST-${n + 1}`, PIECES));
const crossing = Array.from({ length: 6 }, (_, n) => article(`CROSS-${n + 1}`, 10_000));

describe("races over two gateways and two nodes of each actor", function () {
  this.timeout(120_000);
  let store: ClusterStore;
  let gateways: Client[];

  before(async function () {
    needsServers(this);
    store = await startClusterStore();
    gateways = store.nodes
      .filter(({ plan }) => plan.group === "gateway")
      .map(({ port }) => new Client(`http://127.0.0.1:${port}`));
    const staff = await login(gateways[0] as Client, "admin@example.com", "correct horse battery");
    await importCatalogue(store.url, staff, [...last, ...crossing, article("SAME", 1000)], () => undefined);
  });
  after(async () => {
    for (const gateway of gateways ?? []) gateway.close();
    await store?.end();
  });

  type Body = { id?: string; code?: string };
  const place = (n: number, body: object, headers = freshKey()): Promise<Answer<Body>> =>
    (gateways[n % gateways.length] as Client).send<Body>({ method: "POST", path: "/orders", body, headers });
  const race = (work: (n: number) => Promise<Answer<Body>>) =>
    Promise.all(Array.from({ length: RACERS }, (_, n) => work(n)));

  it(`sells ${PIECES} pieces to ${PIECES} of ${RACERS} buyers, ${ROUNDS} times of ${ROUNDS}`, async () => {
    for (const { sku } of last) {
      const answers = await race((n) => place(n, orderOf(sku)));
      const sold = answers.filter(({ status }) => status === 201);
      const refused = answers.filter(({ status, body }) => status === 409 && body.code === "OUT_OF_STOCK");
      expect(sold, sku).to.have.length(PIECES);
      expect(refused, sku).to.have.length(RACERS - PIECES);
    }
  });

  it("makes one order of fifty requests with one key, and gives one answer", async () => {
    const key = freshKey();
    const answers = await race((n) => place(n, orderOf("SAME"), key));
    expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => 201));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).to.equal(1);
  });

  it("takes every order when the lines of many cross", async () => {
    const lines = crossing.map(({ sku }) => ({ sku, quantity: 1 }));
    for (let round = 0; round < 4; round++) {
      const answers = await race((n) =>
        place(n, { ...orderOf("SAME"), lines: n % 2 ? lines : [...lines].reverse() }),
      );
      expect(answers.filter(({ status }) => status !== 201).map(({ body }) => body)).to.deep.equal([]);
    }
  });

  it("leaves databases in which every invariant holds", async () => {
    const look = () => runChecks(store, { running: true });
    await eventually(async () => expect(violationsOf(await look())).to.deep.equal([]), 20_000);
  });
});
