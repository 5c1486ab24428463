import { expect } from "chai";
import { standIns } from "../../helpers/stand-ins.ts";
import type { TestStore } from "../../helpers/store.ts";
import { anOrderId, authorize, startPayments } from "./payment-store.ts";

describe("payments: the test provider's page", () => {
  let store: TestStore;

  before(async () => {
    store = await startPayments({
      services: ["payments", "gateway"],
      extra: standIns({ "orders.get": () => null }),
    });
  });
  after(() => store.stop());

  const open = async (token = "tok_3ds") => {
    const orderId = anOrderId();
    const payment = await authorize(store, orderId, token);
    return { orderId, url: payment.nextAction?.url as string };
  };
  const submit = (action: string, body: string) =>
    fetch(new URL(action, store.url), {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
    });

  it("is a page on the store's own origin, and works without a script", async () => {
    const { orderId, url } = await open();
    expect(url).to.match(new RegExp(`^${store.url}/api/v1/payments/test/`));
    const page = await fetch(url);
    const html = await page.text();
    expect(page.status).to.equal(200);
    expect(page.headers.get("content-type")).to.include("text/html");
    expect(page.headers.get("content-security-policy")).to.include("form-action 'self'");
    expect(html).to.include("£50.00").and.not.to.include("<script");
    const action = /action="([^"]+)"/.exec(html)?.[1] as string;
    const done = await submit(action, "approve=true");
    expect(done.status).to.equal(200);
    expect(await done.text())
      .to.include("Payment approved")
      .and.to.include(`/orders/${orderId}`);
    expect((await store.call("payments.get", { orderId }))?.status).to.equal("authorized");
    expect(await (await fetch(url)).text()).to.include("decided");
  });

  it("takes the decision as JSON too", async () => {
    const { orderId, url } = await open();
    const path = new URL(url).pathname;
    const answer = await store.http.post<{ status: string; returnUrl: string }>(path, { approve: false });
    expect(answer.status).to.equal(200);
    expect(answer.body).to.deep.equal({ status: "failed", returnUrl: `${store.url}/orders/${orderId}` });
    expect((await store.call("payments.get", { orderId }))?.status).to.equal("failed");
  });

  it("answers 404 for an unknown payment and 400 for a form without a decision", async () => {
    const { url } = await open();
    expect((await fetch(`${store.url}/api/v1/payments/test/${anOrderId()}`)).status).to.equal(404);
    expect((await submit(`${url}/form`, "approve=perhaps")).status).to.equal(400);
  });

  it("refuses a webhook without a signature over HTTP with 400", async () => {
    const answer = await store.http.post<{ code: string }>("payments/webhooks/test", { type: "x" });
    expect([answer.status, answer.body.code]).to.deep.equal([400, "SIGNATURE_INVALID"]);
    const unknown = await store.http.post("payments/webhooks/paypal", {});
    expect(unknown.status).to.be.oneOf([404, 422]);
  });
});
