import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { connect, type NatsConnection } from "nats";
import { startChild, untilUp, type Child } from "../../scripts/cluster/child.ts";
import { findProgram } from "../../scripts/cluster/programs.ts";
import { natsAccounts, roles } from "../../scripts/deploy/roles.ts";
import { eventually } from "../helpers/eventually.ts";
import { freePort, startStore, type TestStore } from "../helpers/store.ts";

const passwords = Object.fromEntries([...Object.keys(roles), "presence"].map((name) => [name, `pw-${name}`]));
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = dial(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });

describe("the NATS accounts of the deployment (check 48)", function () {
  this.timeout(40_000);
  let folder: string;
  let port: number;
  let server: Child;
  const open: NatsConnection[] = [];
  const stores: TestStore[] = [];

  const login = async (user: string | undefined): Promise<NatsConnection> => {
    const connection = await connect({
      servers: `127.0.0.1:${port}`,
      reconnect: false,
      ...(user !== undefined && { user, pass: passwords[user] ?? "wrong" }),
    });
    open.push(connection);
    return connection;
  };
  /** What the server says against it; undefined: nothing. */
  const refusalOf = async (connection: NatsConnection, act: () => void): Promise<string | undefined> => {
    const statuses = connection.status()[Symbol.asyncIterator]();
    act();
    await connection.flush();
    const said = statuses
      .next()
      .then(({ value }) => String((value as { permissionContext?: unknown }).permissionContext && "refused"));
    return Promise.race([said, new Promise<undefined>((resolve) => setTimeout(resolve, 300, undefined))]);
  };
  const node = async (id: string, services: string[]): Promise<TestStore> => {
    const role = id.split(".")[0] ?? "";
    const env = {
      TRANSPORTER: `nats://${role}:${passwords[role]}@127.0.0.1:${port}`,
      NODEID: id,
      SERVICES: services.join(","),
      APP_SECRET: "a".repeat(40),
    };
    const store = await startStore({ services, env });
    stores.push(store);
    return store;
  };

  before(async function () {
    const program = findProgram("nats-server");
    if (program === undefined) return this.skip();
    folder = mkdtempSync(join(tmpdir(), "valence-nats-"));
    port = await freePort();
    const file = join(folder, "nats.conf");
    writeFileSync(file, `listen: "127.0.0.1:${port}"\n${natsAccounts(passwords)}`);
    server = startChild(program, ["-c", file], { cwd: folder });
    await untilUp("nats-server", server, () => answers(port), 15_000);
  });
  after(async () => {
    await Promise.all(stores.map((store) => store.stop()));
    await Promise.all(open.map((connection) => connection.close()));
    await server?.end("SIGTERM");
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("refuse whoever has no login, or a wrong one", async () => {
    for (const user of [undefined, "nobody"]) {
      const code = await login(user).then(
        () => "connected",
        (error: unknown) => (error as { code: string }).code,
      );
      expect(code).to.equal("AUTHORIZATION_VIOLATION");
    }
  });

  it("let no role listen to another one's requests", async () => {
    const checkout = await login("checkout");
    const own = await refusalOf(
      checkout,
      () => void checkout.subscribe("MOL.REQ.checkout.x", { callback: () => undefined }),
    );
    expect(own).to.equal(undefined);
    const others = await refusalOf(
      checkout,
      () => void checkout.subscribe("MOL.REQ.people.x", { callback: () => undefined }),
    );
    expect(others).to.equal("refused");
    const all = await refusalOf(checkout, () => void checkout.subscribe(">", { callback: () => undefined }));
    expect(all).to.equal("refused");
  });

  it("let no actor send requests to a gateway, and the system login send nothing", async () => {
    const catalogue = await login("catalogue");
    expect(await refusalOf(catalogue, () => catalogue.publish("MOL.REQ.checkout.1", "{}"))).to.equal(
      undefined,
    );
    expect(await refusalOf(catalogue, () => catalogue.publish("MOL.REQ.gateway.1", "{}"))).to.equal(
      "refused",
    );
    const presence = await login("presence");
    expect(await refusalOf(presence, () => presence.publish("MOL.REQ.checkout.1", "{}"))).to.equal("refused");
  });

  it("let the nodes of the store find and call one another", async () => {
    const checkout = await node("checkout.1", ["inventory"]);
    const people = await node("people.1", ["audit"]);
    await people.broker.waitForServices(["inventory"], 10_000);
    const page = await people.call("inventory.available", { skus: ["TEA"] });
    expect(page).to.be.an("array");
    await checkout.broker.waitForServices(["audit"], 10_000);
    const jobs = await eventually(() => checkout.call("audit.jobs", {}));
    expect(jobs.parked).to.equal(0);
  });
});
