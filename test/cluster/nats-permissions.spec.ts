import { expect } from "chai";
import { connect, type NatsConnection } from "nats";
import { makeJwtKeys, makeSecret } from "../../config/kept.ts";
import { findProgram } from "../../scripts/cluster/programs.ts";
import { actorRoles } from "../../scripts/deploy/roles.ts";
import { Client, login } from "../../scripts/lib/client.ts";
import { importCatalogue } from "../../scripts/replay/import.ts";
import { eventually } from "../helpers/eventually.ts";
import { startStore, type TestStore } from "../helpers/store.ts";
import { needsServers } from "./cluster-store.ts";
import { freshKey, orderOf } from "./load.ts";
import { GuardedNats } from "./nats-server.ts";

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => "connected",
    (error: unknown) => (error as { code: string }).code,
  );

/** What the server says against it; undefined: nothing. */
async function refusalOf(connection: NatsConnection, act: () => void): Promise<string | undefined> {
  const statuses = connection.status()[Symbol.asyncIterator]();
  act();
  await connection.flush();
  const said = statuses
    .next()
    .then(({ value }) => String((value as { permissionContext?: unknown }).permissionContext && "refused"));
  // The server answers in order: what it had against the first is here before the second flush is.
  const quiet = connection
    .flush()
    .then(() => new Promise<undefined>((resolve) => setImmediate(resolve, undefined)));
  return Promise.race([said, quiet]);
}

const listens = (connection: NatsConnection, subject: string) =>
  refusalOf(connection, () => void connection.subscribe(subject, { callback: () => undefined }));
const sends = (connection: NatsConnection, subject: string, packet: object = {}) =>
  refusalOf(connection, () => connection.publish(subject, JSON.stringify(packet)));

describe("NATS as the deployment runs it: TLS, a user for each actor (check 48)", function () {
  this.timeout(60_000);
  let nats: GuardedNats;

  before(async function () {
    needsServers(this);
    nats = await GuardedNats.start(findProgram("nats-server") as string, actorRoles);
  });
  after(() => nats?.stop());

  it("refuses whoever has no login, a wrong one, or another actor's name with its own password", async () => {
    for (const [user, pass] of [[undefined], ["nobody"], ["orders", "guessed"]] as const)
      expect(await codeOf(nats.login(user, pass)), user).to.equal("AUTHORIZATION_VIOLATION");
    expect(await codeOf(nats.login("payments", nats.passwordOf("carts")))).to.equal(
      "AUTHORIZATION_VIOLATION",
    );
  });

  it("refuses whoever speaks in clear, or does not trust its authority", async () => {
    const plain = connect({ servers: `127.0.0.1:${nats.port}`, reconnect: false, tls: null });
    expect(await codeOf(plain)).not.to.equal("connected");
    const stranger = connect({ servers: `127.0.0.1:${nats.port}`, reconnect: false, tls: { ca: "" } });
    expect(await codeOf(stranger)).not.to.equal("connected");
  });

  it("lets no actor listen to another one's requests, nor to everything", async () => {
    const carts = await nats.login("carts");
    expect(await listens(carts, "MOL.REQ.carts.x")).to.equal(undefined);
    for (const subject of [
      "MOL.REQ.payments.x",
      "MOL.RES.orders.x",
      "MOL.REQ.cartsx.1",
      ">",
      "MOL.>",
      "$SYS.>",
    ])
      expect(await listens(carts, subject), subject).to.equal("refused");
  });

  it("lets an actor ask only those that it works with, whatever caller it claims", async () => {
    const search = await nats.login("search");
    expect(await sends(search, "MOL.REQ.products.1")).to.equal(undefined);
    const forged = { action: "payments.refund", meta: { caller: { kind: "account", role: "admin" } } };
    for (const to of ["payments", "orders", "users", "gateway"])
      expect(await sends(search, `MOL.REQ.${to}.1`, forged), to).to.equal("refused");
    const presence = await nats.login("presence");
    expect(await sends(presence, "MOL.REQ.orders.1", forged)).to.equal("refused");
  });

  describe("with the whole store on it, each actor a node of its own", () => {
    const stores: TestStore[] = [];
    let gateway: TestStore;
    let client: Client;

    before(async () => {
      nats.refusals.length = 0;
      const shared = { APP_SECRET: makeSecret(), JWT_KEYS: makeJwtKeys(), PUBLIC_URL: "http://127.0.0.1" };
      for (const name of Object.keys(actorRoles)) {
        const env = {
          ...shared,
          TRANSPORTER: nats.url(name),
          NODEID: `${name}.1`,
          SERVICES: name,
          ...(name === "gateway" && { NATS_SYS_URL: nats.url("presence") }),
        };
        stores.push(await startStore({ services: [name], env }));
      }
      gateway = stores[0] as TestStore;
      client = new Client(gateway.url);
      await eventually(async () => (await fetch(`${gateway.url}/health/ready`)).ok, 20_000);
    });
    after(async () => {
      client?.close();
      await Promise.all(stores.map((store) => store.stop()));
    });

    it("sells, delivers its events and shows its back office, and no message of it is refused", async () => {
      const staff = await login(client, "admin@valence.local", "correct horse battery");
      await importCatalogue(
        gateway.url,
        staff,
        [{ sku: "TEA", name: "Tea", price: 500, sold: 50 }],
        () => undefined,
      );
      const order = await eventually(async () => {
        const answer = await client.send<{ id: string; status: string }>({
          method: "POST",
          path: "/orders",
          body: orderOf("TEA"),
          headers: freshKey(),
        });
        return answer.status === 201 ? answer.body : undefined;
      }, 10_000);
      expect(order.status).to.equal("confirmed");
      await client.expect(200, { path: "/products?q=tea" });
      await client.expect(201, { method: "POST", path: "/carts", body: {} });
      for (const path of ["/admin/cluster", "/admin/stats", "/admin/parked", "/admin/audit", "/admin/mails"])
        await client.expect(200, { path, headers: staff });
      const owners = Object.keys(actorRoles).filter(
        (name) => !["gateway", "metrics", "search"].includes(name),
      );
      await eventually(async () => {
        const jobs = await Promise.all(
          owners.map((name) => gateway.call(`${name}.jobs` as "orders.jobs", {})),
        );
        return jobs.every(({ pending }) => pending === 0);
      }, 15_000);
      expect(nats.refusals).to.deep.equal([]);
    });
  });
});
