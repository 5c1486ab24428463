import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import pg from "pg";
import { violationsOf } from "../../scripts/crash/settle.ts";
import { Client, login, type Answer } from "../../scripts/lib/client.ts";
import { importCatalogue } from "../../scripts/replay/import.ts";
import { runChecks } from "../../scripts/verify/run.ts";
import { eventually } from "../helpers/eventually.ts";
import { needsServers, startClusterStore, type ClusterStore } from "./cluster-store.ts";
import { freshKey, orderOf } from "./load.ts";

type Placed = Answer<{ id: string; status: string; code?: string }>;
interface SagaRow {
  order_id: string;
  owner: string;
  step: string;
  version: string;
}

/** Milliseconds within which another node must have taken over. */
const TAKEN_WITHIN = 5000;

describe("sagas of orders", function () {
  this.timeout(90_000);
  let store: ClusterStore;
  let client: Client;

  before(async function () {
    needsServers(this);
    store = await startClusterStore();
    client = new Client(store.url);
    const staff = await login(client, "admin@example.com", "correct horse battery");
    const article = { sku: "SAGA", name: "Saga", price: 1000, sold: 1000 };
    await importCatalogue(store.url, staff, [article], () => undefined);
  });
  after(async () => {
    client?.close();
    await store?.end();
  });

  async function ask<R extends object>(actor: string, text: string): Promise<R[]> {
    const database = new pg.Client({ connectionString: store.databaseUrls[actor] });
    await database.connect();
    try {
      return (await database.query<R>(text)).rows;
    } finally {
      await database.end();
    }
  }
  /** As a client does: while the store says 503, the same request again with the same key. */
  async function place(token: string): Promise<Placed> {
    const body = { ...orderOf("SAGA"), payment: { provider: "test", token } };
    const request = { method: "POST" as const, path: "/orders", body, headers: freshKey() };
    return eventually(async () => {
      const answer: Placed = await client.send(request);
      return answer.status === 503 ? undefined : answer;
    }, 20_000);
  }
  const sagas = (where = "true") => ask<SagaRow>("orders", `select * from sagas where ${where}`);
  /** The one saga that runs now, as soon as there is one. */
  async function running(where?: string): Promise<SagaRow> {
    let found: SagaRow | undefined;
    await eventually(async () => (found = (await sagas(where))[0]) !== undefined);
    return found as SagaRow;
  }
  const nodeOf = ({ owner }: SagaRow) => store.node(owner.split(" ")[0] as string);
  const eventsOf = async (id: string): Promise<string[]> =>
    (
      await ask<{ type: string }>(
        "orders",
        `select type from order_events where order_id = '${id}' order by version`,
      )
    ).map(({ type }) => type);

  /** Waits until another process holds the saga, or has ended it already; says how long that took. */
  async function takenOver(before: SagaRow): Promise<void> {
    const began = performance.now();
    await eventually(async () => {
      const [now] = await sagas(`order_id = '${before.order_id}'`);
      return now === undefined || now.owner !== before.owner;
    }, TAKEN_WITHIN);
    console.log(`      taken over after ${Math.round(performance.now() - began)} ms`);
  }

  it("are resumed by another node when theirs is killed, and the shopper gets the answer", async () => {
    const answer = place("tok_slow");
    const saga = await running();
    await nodeOf(saga).kill();
    await takenOver(saga);
    const { status, body } = await answer;
    expect([status, body.status]).to.deep.equal([201, "confirmed"]);
    expect(body.id).to.equal(saga.order_id);
    expect(await eventsOf(saga.order_id)).to.deep.equal(["placed", "confirmed"]);
    await nodeOf(saga).start();
  });

  it("are undone by another node when theirs is killed in the middle of it", async () => {
    // The undo stands still where it gives the stock back, as long as the rows are locked.
    await ask(
      "inventory",
      `create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(2); return new; end $$;
       create trigger linger before update on reservations for each row when (new.state = 'released') execute function linger()`,
    );
    const answer = place("tok_declined");
    const saga = await running("step = 'undo'");
    await nodeOf(saga).kill();
    await takenOver(saga);
    await ask("inventory", "drop trigger linger on reservations");
    const { status, body } = await answer;
    expect([status, body.code]).to.deep.equal([402, "PAYMENT_DECLINED"]);
    expect(await eventsOf(saga.order_id)).to.deep.equal(["placed", "rejected"]);
    const held = await ask<{ state: string }>(
      "inventory",
      `select state from reservations where order_id = '${saga.order_id}'`,
    );
    expect(held.map(({ state }) => state)).to.deep.equal(["released"]);
    await nodeOf(saga).start();
  });

  it("are fenced: a node that was frozen meanwhile writes nothing when it goes on", async () => {
    const answer = place("tok_slow");
    const saga = await running();
    nodeOf(saga).signal("SIGSTOP");
    try {
      await takenOver(saga);
      expect((await answer).body.status).to.equal("confirmed");
    } finally {
      nodeOf(saga).signal("SIGCONT");
    }
    // Until its own answer of the provider came, and it tried to write it.
    await delay(4000);
    expect(await eventsOf(saga.order_id)).to.deep.equal(["placed", "confirmed"]);
    expect(await sagas()).to.deep.equal([]);
  });

  it("are resumed though the frozen node holds the rows that they need", async () => {
    const before = new pg.Client({ connectionString: store.databaseUrls["inventory"] });
    await before.connect();
    await before.query("begin; update items set version = version where sku = 'SAGA'");
    const answer = place("tok_visa");
    const saga = await running();
    const queued = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await eventually(async () => (await ask("inventory", queued)).length > 0);
    nodeOf(saga).signal("SIGSTOP");
    try {
      // The row goes to the frozen node, which does nothing with it.
      await before.query("commit");
      await takenOver(saga);
      expect((await answer).body.status).to.equal("confirmed");
    } finally {
      nodeOf(saga).signal("SIGCONT");
      await before.end();
    }
    expect(await eventsOf(saga.order_id)).to.deep.equal(["placed", "confirmed"]);
    expect(await sagas()).to.deep.equal([]);
  });

  it("leave databases in which every invariant holds", async () => {
    const look = () => runChecks(store, { running: true });
    await eventually(async () => expect(violationsOf(await look())).to.deep.equal([]), 20_000);
  });
});
