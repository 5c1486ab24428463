import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Identity, Meta } from "../../../contract/meta.ts";
import type { Delivery } from "../../../contract/actor-actions.ts";
import type { EventMap } from "../../../services/contracts.ts";
import type { NotificationsActor } from "../../../services/notifications/notifications.actor.ts";
import { sendDue } from "../../../services/notifications/notifications.sender.ts";
import { uuidv7 } from "../../../mixins/uuid.ts";
import { eventually } from "../../helpers/eventually.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";
import { readable, smtpServer, type SmtpServer } from "./smtp-server.ts";

const newId = uuidv7({ now: () => Date.now() });
const gbp = (amount: number) => ({ amount, currency: "GBP" });
type Order = EventMap["orders.confirmed"]["order"];

const anOrder = (changes: Partial<Order> = {}): Order => ({
  id: newId(),
  number: "V-1001",
  status: "confirmed",
  currency: "GBP",
  email: "Ann@shop.example",
  customerId: newId(),
  lines: [
    {
      sku: "MUG-1",
      productId: newId(),
      name: "Mug <blue> & white",
      quantity: 2,
      unitPrice: gbp(617),
      total: gbp(1234),
      returned: 0,
      refunded: gbp(0),
    },
  ],
  subtotal: gbp(1234),
  discount: gbp(100),
  shipping: gbp(499),
  tax: gbp(0),
  includedTax: gbp(272),
  total: gbp(1633),
  couponCode: "SAVE1",
  shippingMethod: "standard",
  returns: [],
  refunds: [],
  payment: {
    status: "authorized",
    provider: "test",
    authorized: gbp(1633),
    captured: gbp(0),
    refunded: gbp(0),
  },
  shippingAddress: {
    name: "Ann Lee",
    line1: "1 High St",
    city: "York",
    postalCode: "YO1 1AA",
    country: "GB",
  },
  tracking: null,
  placedAt: new Date().toISOString(),
  updatedAt: new Date().toISOString(),
  version: 1,
  events: [],
  ...changes,
});

const delivery = (type: keyof EventMap, payload: unknown): Delivery => ({
  id: newId(),
  type,
  entity: newId(),
  version: 1,
  at: new Date().toISOString(),
  payload,
});
const orderEvent = (type: keyof EventMap, order: Order) => delivery(type, { order, cartId: null });

const as = (role: "admin" | "staff"): { meta: Meta } => {
  const caller: Identity = {
    kind: "account",
    id: newId(),
    role,
    session: newId(),
    email: `${role}@shop.example`,
  };
  return { meta: { caller } };
};

describe("notifications", () => {
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

  describe("without an SMTP server", () => {
    beforeEach(async () => {
      store = await startStore({
        services: ["notifications"],
        env: { PUBLIC_URL: "https://shop.example", HOST: "127.0.0.1" },
      });
    });

    it("confirms an order with its lines and totals, as a file and at the admin route", async () => {
      const event = orderEvent("orders.confirmed", anOrder());
      await receive(event);
      const found = await done(event.id);
      expect(found).to.include({ status: "written", to: "Ann@shop.example", subject: "Your order V-1001" });
      for (const part of [
        "2 x Mug <blue> & white (MUG-1)",
        "£12.34",
        "Discount (SAVE1)",
        "-£1.00",
        "£4.99",
        "£16.33",
        "YO1 1AA",
      ])
        expect(found.text).to.contain(part);
      const files = readdirSync(join(store.dataDir, "mails"));
      expect(files).to.have.length(1);
      expect(files[0]).to.match(/^\d{4}-\d\d-\d\d\.mbox$/);
      const file = readable(readFileSync(join(store.dataDir, "mails", files[0]!), "utf8"));
      expect(file).to.contain(`Message-ID: <${event.id}@valence>`);
      expect(file).to.contain("To: Ann@shop.example").and.to.contain("Mug &lt;blue&gt; &amp; white");
    });

    it("writes one mail however often the event comes", async () => {
      const event = orderEvent("orders.confirmed", anOrder());
      await Promise.all([receive(event), receive(event), receive(event)]);
      await receive(event);
      await done(event.id);
      expect((await store.call("notifications.mails", {}, as("admin"))).data).to.have.length(1);
    });

    it("leads a guest to the order by a secret behind the #, an account without one", async () => {
      const guest = orderEvent("orders.confirmed", anOrder({ customerId: null }));
      const account = orderEvent("orders.confirmed", anOrder());
      await receive(guest, account);
      expect((await done(guest.id)).text).to.match(
        /https:\/\/shop\.example\/orders\/[\w-]+#secret=[\w-]{43}\n/,
      );
      expect((await done(account.id)).text).not.to.contain("secret=");
    });

    it("tells of shipping with the tracking, of a cancellation, a refund and a decided return", async () => {
      const shipped = orderEvent(
        "orders.shipped",
        anOrder({ tracking: { carrier: "Post", number: "TR-77" } }),
      );
      const cancelled = orderEvent("orders.cancelled", anOrder({ status: "cancelled" }));
      const at = new Date().toISOString();
      const refund = { id: newId(), reason: "broken", returnId: null } as const;
      const refunded = orderEvent(
        "orders.refunded",
        anOrder({
          refunds: [
            { ...refund, amount: gbp(100), status: "done", at: "2026-01-01T00:00:00.000Z" },
            { ...refund, id: newId(), amount: gbp(250), status: "done", at },
          ],
        }),
      );
      const orderId = newId();
      const returned = {
        id: newId(),
        orderId,
        status: "approved" as const,
        lines: [{ sku: "MUG-1", quantity: 1 }],
        reason: "",
        requestedAt: at,
        decidedAt: at,
        refundId: null,
        version: 2,
      };
      const decided = orderEvent("orders.returnDecided", anOrder({ id: orderId, returns: [returned] }));
      await receive(shipped, cancelled, refunded, decided);
      expect((await done(shipped.id)).text).to.contain("Post, TR-77");
      expect((await done(cancelled.id)).subject).to.equal("Your order V-1001 was cancelled");
      expect((await done(refunded.id)).text)
        .to.contain("£2.50")
        .and.to.contain("broken");
      expect((await done(decided.id)).text).to.contain("you may send this back");
    });

    it("hides links that open an account from staff who may not change customers", async () => {
      const event = delivery("users.passwordForgotten", {
        userId: newId(),
        email: "ann@shop.example",
        resetId: newId(),
      });
      await receive(event);
      expect((await done(event.id)).text).to.match(
        /https:\/\/shop\.example\/reset\?token=[\w-]+\.[\w-]{43}\n/,
      );
      const seen = await store.call("notifications.mail", { id: event.id }, as("staff"));
      expect(seen.text).to.contain("/reset?token=...\n");
    });

    it("tells both addresses when one took the other's place", async () => {
      await receive(
        delivery("users.emailChanged", {
          userId: newId(),
          email: "new@shop.example",
          previousEmail: "old@shop.example",
          name: "Ann",
          verificationId: newId(),
        }),
      );
      const { data } = await store.call("notifications.mails", {}, as("admin"));
      expect(data.map(({ to }) => to)).to.have.members(["new@shop.example", "old@shop.example"]);
      expect(data.find(({ to }) => to === "old@shop.example")?.text).not.to.contain("token=");
    });

    it("tells an integrator that the store switched a webhook endpoint off, and why", async () => {
      const [url, email] = ["https://erp.example.com/hook", "ops@erp.example.com"];
      const [gone, failing] = (["gone", "failing"] as const).map((reason) =>
        delivery("webhooks.endpointDisabled", { id: newId(), url, reason, email }),
      );
      await receive(gone!, failing!);
      const mails = [await done(gone!.id), await done(failing!.id)];
      expect(mails.map(({ to }) => to)).to.deep.equal([email, email]);
      expect(mails[0]?.text).to.contain(url).and.to.contain("410 Gone");
      expect(mails[1]?.text).to.contain("three days");
    });

    it("lists newest first, by page, address and status", async () => {
      const events = Array.from({ length: 5 }, (_, i) =>
        orderEvent("orders.confirmed", anOrder({ email: i < 3 ? "a@shop.example" : "b@shop.example" })),
      );
      await receive(...events);
      const first = await store.call("notifications.mails", { limit: 3 }, as("admin"));
      const rest = await store.call(
        "notifications.mails",
        { limit: 3, cursor: first.page.next as string },
        as("admin"),
      );
      expect([...first.data, ...rest.data].map(({ id }) => id)).to.deep.equal(
        events.map(({ id }) => id).reverse(),
      );
      expect(rest.page.next).to.equal(null);
      const mine = await store.call("notifications.mails", { to: "A@shop.example" }, as("admin"));
      expect(mine.data).to.have.length(3);
      await Promise.all(events.map(({ id }) => done(id)));
      expect(
        (await store.call("notifications.mails", { status: "pending" }, as("admin"))).data,
      ).to.have.length(0);
    });

    it("answers 404 for a mail that is not there", async () => {
      const error = await mail(newId()).catch((refusal: unknown) => refusal);
      expect(error).to.include({ code: 404, type: "MAIL_NOT_FOUND" });
    });
  });

  describe("with an SMTP server", () => {
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
});
