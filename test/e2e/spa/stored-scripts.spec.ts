import { expect } from "chai";
import type { Page } from "playwright-core";
import type { Watch } from "./browser.ts";
import { signIn, useShop } from "./setup.ts";

/** Each way out of a text that was ever tried here, at once. */
const EVIL =
  `"><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)></textarea></title>{{alert(4)}}` +
  `</script><iframe srcdoc="<script>parent.alert(5)</script>"></iframe>`;
const buyer = {
  email: "evil@example.com",
  password: "a long enough phrase",
  name: `Eve ${EVIL}`.slice(0, 120),
};

describe("texts that would be scripts (check 39)", function () {
  this.timeout(90_000);
  const shop = useShop();
  const seen: string[] = [];
  let orderId = "";
  let productId = "";

  /** Remembers dialogs, failing scripts and every breach of the page's policy. */
  async function watched(): Promise<Page & Watch> {
    const page = await shop.open();
    page.on("dialog", (dialog) => {
      seen.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.addInitScript(
      "addEventListener('securitypolicyviolation', (e) => console.error('Content Security Policy breach: ' + e.violatedDirective + ' ' + e.blockedURI))",
    );
    return page;
  }
  const elementsOf = (page: Page): Promise<number> =>
    page.evaluate<number>(
      "document.querySelectorAll('img[src=x], iframe, svg[onload], [onerror], script:not([src]):not([type^=application]):not([data-main])').length",
    );

  before(async () => {
    const { http } = shop.store;
    const admin = await shop.admin();
    const { body: product } = await http.get<{ id: string; version: number }>("products/mixing-bowl");
    const renamed = await http.patch(
      `admin/products/${product.id}`,
      { name: `Bowl ${EVIL}`.slice(0, 200), description: EVIL },
      { token: admin, headers: { "if-match": `"${product.version}"` } },
    );
    expect(renamed.status, JSON.stringify(renamed.body)).to.equal(200);
    await http.post("auth/register", buyer);
    const { email, password } = buyer;
    const { body } = await http.post<{ accessToken: string }>("auth/login", { email, password });
    const order = await http.post<{ id: string }>(
      "orders",
      {
        lines: [{ sku: "BWL-2", quantity: 1 }],
        currency: "GBP",
        email: buyer.email,
        shippingAddress: {
          name: EVIL.slice(0, 200),
          line1: EVIL.slice(0, 200),
          city: "<b>London</b>",
          postalCode: "N1",
          country: "GB",
        },
        shippingMethod: "standard",
        payment: { provider: "test", token: "tok_visa" },
      },
      { token: body.accessToken, key: "an-order-with-scripts-in-it" },
    );
    expect(order.status, JSON.stringify(order.body)).to.equal(201);
    orderId = order.body.id;
    const move = (path: string, more: object = {}) => http.post(path, more, { token: admin, key: path });
    await move(`admin/orders/${orderId}/pack`);
    await move(`admin/orders/${orderId}/ship`, { carrier: EVIL.slice(0, 80), trackingNumber: "<script>" });
    await move(`admin/orders/${orderId}/deliver`);
    const review = await http.post(
      `products/${product.id}/reviews`,
      { rating: 4, title: EVIL.slice(0, 100), text: EVIL },
      { token: body.accessToken, key: "review" },
    );
    expect(review.status, JSON.stringify(review.body)).to.equal(201);
    const back = await http.post(
      `orders/${orderId}/returns`,
      { lines: [{ sku: "BWL-2", quantity: 1 }], reason: EVIL },
      { token: body.accessToken, key: "return" },
    );
    expect(back.status, JSON.stringify(back.body)).to.equal(201);
    productId = product.id;
  });
  it("are shown as the texts that they are, to shoppers", async () => {
    const page = await watched();
    await signIn(page, buyer);
    for (const path of [
      "/p/mixing-bowl",
      "/c/kitchen",
      "/search?q=bowl",
      `/search?q=${encodeURIComponent(EVIL)}`,
      "/account",
      "/account/orders",
      `/orders/${orderId}`,
    ]) {
      await page.goto(path);
      await page.locator("h1").first().waitFor();
      await page.getByText("alert(1)").first().waitFor({ state: "attached" });
      expect(await elementsOf(page), path).to.equal(0);
    }
    expect([...page.faults, ...seen]).to.deep.equal([]);
  });

  it("are shown as the texts that they are, to staff", async () => {
    const page = await watched();
    await signIn(page);
    for (const path of [
      "/admin/products",
      `/admin/products/${productId}`,
      "/admin/orders",
      `/admin/orders/${orderId}`,
      "/admin/reviews",
      "/admin/returns",
      "/admin/customers",
      "/admin/audit",
      "/admin/mails",
    ]) {
      await page.goto(path);
      await page.locator("h1").first().waitFor();
      await page.waitForLoadState("networkidle");
      expect(await elementsOf(page), path).to.equal(0);
    }
    expect([...page.faults, ...seen]).to.deep.equal([]);
  });

  it("cannot hide in a picture: an SVG is not taken, and one of the store's own runs nothing", async () => {
    const page = await watched();
    const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(6)</script></svg>`;
    const answer = await fetch(`${shop.store.url}/api/v1/admin/pictures`, {
      method: "POST",
      headers: { authorization: `Bearer ${await shop.admin()}`, "content-type": "image/svg+xml" },
      body: svg,
    });
    expect(answer.status).to.be.within(400, 499);
    const response = await page.goto("/pictures/alarm-clock.svg");
    expect(response?.headers()["content-security-policy"]).to.contain("default-src");
    expect(seen).to.deep.equal([]);
  });
});
