import { rmSync } from "node:fs";
import { expect } from "chai";
import type { Delivery } from "../../../contract/actor-actions.ts";
import type { NotificationsActor } from "../../../services/notifications/notifications.actor.ts";
import { sendDue } from "../../../services/notifications/notifications.sender.ts";
import { eventually } from "../../helpers/eventually.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";
import { anOrder, as, orderEvent } from "./events.ts";
import { readable, smtpServer, type SmtpServer } from "./smtp-server.ts";

describe("mails by an SMTP server", () => {
  let store: TestStore;
  let smtp: SmtpServer | undefined;
  const receive = (...events: Delivery[]) => store.call("notifications.receive", { from: "orders", events });
  const mail = (id: string) => store.call("notifications.mail", { id }, as("admin"));
  const done = async (id: string) => {
    await eventually(async () => (await mail(id)).status !== "pending");
    return mail(id);
  };

  const folders: string[] = [];
  afterEach(async () => {
    await store.stop();
    folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true }));
    await smtp?.close();
    smtp = undefined;
  });

  beforeEach(async () => {
    smtp = await smtpServer();
    store = await startStore({ services: ["notifications"], env: { SMTP_URL: smtp.url } });
  });
  const server = () => smtp as SmtpServer;

  it("sends each mail once, to the address alone, in text and HTML", async () => {
    const event = orderEvent("orders.confirmed", anOrder());
    await receive(event);
    expect(await done(event.id)).to.include({ status: "sent", attempts: 1, error: null });
    expect(server().mails.map(({ to }) => to)).to.deep.equal(["Ann@shop.example"]);
    const text = readable(server().mails[0]?.data ?? "");
    expect(text)
      .to.contain("text/plain")
      .and.to.contain("text/html")
      .and.to.contain(`Message-ID: <${event.id}@valence>`);
  });

  it("tries again later when the server says not now", async () => {
    server().refusal = "451 later";
    const event = orderEvent("orders.confirmed", anOrder());
    await receive(event);
    await eventually(async () => (await mail(event.id)).error?.includes("451"));
    expect(await mail(event.id)).to.include({ status: "pending", attempts: 1 });
    server().refusal = undefined;
    store.clock.advance(5_000);
    expect(await done(event.id)).to.include({ status: "sent", attempts: 2, error: null });
    expect(server().mails).to.have.length(1);
  });

  it("gives up at once when the server refuses the mail for good, and sends it again when asked", async () => {
    server().refusal = "550 no such mailbox";
    const event = orderEvent("orders.confirmed", anOrder());
    await receive(event);
    expect(await done(event.id)).to.include({ status: "failed", attempts: 1 });
    server().refusal = undefined;
    const again = await store.call("notifications.resendMail", { id: event.id }, as("admin"));
    expect(again).to.include({ status: "pending", attempts: 0 });
    expect(await done(event.id)).to.include({ status: "sent" });
  });

  it("sends at the next start what was not yet tried at a stop", async () => {
    const event = orderEvent("orders.confirmed", anOrder());
    await receive(event);
    const { dataDir } = store;
    await store.broker.stop();
    expect(server().mails).to.have.length(0);
    store = await startStore({ services: ["notifications"], env: { SMTP_URL: server().url }, dataDir });
    folders.push(dataDir);
    expect(await done(event.id)).to.include({ status: "sent", attempts: 1 });
    expect(server().mails).to.have.length(1);
  });

  it("sends after its lease what a node took and died with", async () => {
    const event = orderEvent("orders.confirmed", anOrder());
    await receive(event);
    const node = store.broker.getLocalService("notifications") as unknown as NotificationsActor;
    expect(node.taken.splice(0)).to.have.length(1);
    store.clock.advance(119_000);
    await sendDue(node);
    expect(server().mails).to.have.length(0);
    store.clock.advance(1_000);
    expect(await done(event.id)).to.include({ status: "sent", attempts: 2 });
  });

  it("leaves what waited in memory for most of its lease to whoever takes it afterwards", async () => {
    const event = orderEvent("orders.confirmed", anOrder());
    await receive(event);
    store.clock.advance(61_000);
    await sendDue(store.broker.getLocalService("notifications") as unknown as NotificationsActor);
    expect(server().mails).to.have.length(0);
    store.clock.advance(59_000);
    expect(await done(event.id)).to.include({ status: "sent", attempts: 2 });
    expect(server().mails).to.have.length(1);
  });

  it("keeps a burst of mails in the database, not in memory, and sends each once", async () => {
    const burst = Array.from({ length: 6 }, () =>
      Array.from({ length: 50 }, () => orderEvent("orders.confirmed", anOrder())),
    );
    for (const events of burst) await receive(...events);
    const node = store.broker.getLocalService("notifications") as unknown as NotificationsActor;
    expect(node.taken.length).to.be.at.most(256);
    await eventually(() => server().mails.length >= 300, 20_000);
    await Promise.all(burst.flat().map(({ id }) => done(id)));
    expect(server().mails).to.have.length(300);
  });

  it("sends what a stopped node left behind", async () => {
    const url = server().url;
    await server().close();
    const event = orderEvent("orders.confirmed", anOrder());
    await receive(event);
    await eventually(async () => (await mail(event.id)).error);
    const { dataDir } = store;
    await store.broker.stop();
    smtp = await smtpServer();
    expect(smtp.url).not.to.equal(url);
    store = await startStore({ services: ["notifications"], env: { SMTP_URL: smtp.url }, dataDir });
    store.clock.advance(60_000);
    expect(await done(event.id)).to.include({ status: "sent" });
    folders.push(dataDir);
  });
});
