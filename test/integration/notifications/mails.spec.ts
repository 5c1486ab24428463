import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Delivery } from "../../../contract/actor-actions.ts";
import { eventually } from "../../helpers/eventually.ts";
import { startStore, type TestStore } from "../../helpers/store.ts";
import { anOrder, as, delivery, gbp, newId, orderEvent } from "./events.ts";
import { readable } from "./smtp-server.ts";

describe("mails without an SMTP server", () => {
  let store: TestStore;
  const receive = (...events: Delivery[]) => store.call("notifications.receive", { from: "orders", events });
  const mail = (id: string) => store.call("notifications.mail", { id }, as("admin"));
  const done = async (id: string) => {
    await eventually(async () => (await mail(id)).status !== "pending");
    return mail(id);
  };

  afterEach(async () => {
    await store.stop();
  });

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

  it("writes all mails of a delivery, in their order", async () => {
    const events = Array.from({ length: 5 }, () => orderEvent("orders.confirmed", anOrder()));
    await receive(...events);
    await Promise.all(events.map(({ id }) => done(id)));
    const folder = join(store.dataDir, "mails");
    const text = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
    const ids = [...text.join("").matchAll(/^Message-ID: <(.*)@valence>$/gm)].map(([, id]) => id);
    expect(ids).to.deep.equal(events.map(({ id }) => id));
  });

  it("tries again when the folder could not be written, and tells why", async () => {
    const folder = join(store.dataDir, "mails");
    writeFileSync(folder, "in the way");
    const event = orderEvent("orders.confirmed", anOrder());
    await receive(event);
    await eventually(async () => (await mail(event.id)).error?.includes("EEXIST"));
    expect(await mail(event.id)).to.include({ status: "pending", attempts: 1 });
    rmSync(folder);
    store.clock.advance(5_000);
    expect(await done(event.id)).to.include({ status: "written", attempts: 2, error: null });
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
    const shipped = orderEvent("orders.shipped", anOrder({ tracking: { carrier: "Post", number: "TR-77" } }));
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
    expect((await done(event.id)).text).to.match(/https:\/\/shop\.example\/reset\?token=[\w-]+\.[\w-]{43}\n/);
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
    expect((await store.call("notifications.mails", { status: "pending" }, as("admin"))).data).to.have.length(
      0,
    );
  });

  it("answers 404 for a mail that is not there", async () => {
    const error = await mail(newId()).catch((refusal: unknown) => refusal);
    expect(error).to.include({ code: 404, type: "MAIL_NOT_FOUND" });
  });
});
