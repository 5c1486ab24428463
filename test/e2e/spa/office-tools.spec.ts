import { expect } from "chai";
import sharp from "sharp";
import { eventually } from "../../helpers/eventually.ts";
import { receiver, type Receiver } from "../../integration/webhooks/receiver.ts";
import { settled } from "./office-fixture.ts";
import { signIn, useShop } from "./setup.ts";

const order = {
  lines: [{ sku: "BWL-2", quantity: 1 }],
  currency: "GBP",
  email: "keys@example.com",
  shippingAddress: { name: "Ada", line1: "1 High St", city: "London", postalCode: "N1", country: "GB" },
  shippingMethod: "standard",
  payment: { provider: "test", token: "tok_visa" },
};

describe("the back office's tools", function () {
  this.timeout(60_000);
  const shop = useShop(() => Promise.resolve({ WEBHOOK_ALLOW_PRIVATE: "on" }));
  let hook: Receiver;
  before(async () => {
    hook = await receiver();
  });
  after(() => hook.close());

  it("uploads a picture, which the shop then shows", async () => {
    const { body } = await shop.store.http.get<{ data: { id: string; slug: string }[] }>(
      "products?q=casserole",
    );
    const { id, slug } = body.data[0]!;
    const photo = sharp({ create: { width: 900, height: 900, channels: 3, background: "#884422" } });
    const page = await shop.open();
    await signIn(page);
    await page.goto(`/admin/products/${id}`);
    await settled(page);
    await page
      .getByLabel("Upload pictures")
      .setInputFiles({ name: "pot.jpg", mimeType: "image/jpeg", buffer: await photo.jpeg().toBuffer() });
    await page.locator('main img[src*="/media/"]').waitFor();
    await page.getByRole("button", { name: "Move picture 2 up" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved").first().waitFor();
    await page.goto(`/p/${slug}`);
    const shown = page.locator('main img[fetchpriority="high"]');
    await eventually(async () => (await shown.getAttribute("src"))?.startsWith("/media/"));
    const width = "document.querySelector('main img[fetchpriority=high]').naturalWidth";
    await eventually(async () => (await page.evaluate<number>(width)) === 800);
    expect(page.faults).to.deep.equal([]);
  });

  it("says in words why a file is no picture", async () => {
    const page = await shop.open();
    await signIn(page);
    await page.goto("/admin/products/new");
    await settled(page);
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    await page
      .getByLabel("Upload pictures")
      .setInputFiles({ name: "drawing.svg", mimeType: "image/svg+xml", buffer: svg });
    await page.getByText("This file is no picture that the shop takes.").waitFor();
    expect(page.faults).to.deep.equal([]);
  });

  it("makes an API key that works until it is revoked", async () => {
    const page = await shop.open();
    await signIn(page);
    await page.goto("/admin/api-keys");
    await page.getByRole("button", { name: "New API key" }).click();
    await page.getByLabel("Name").fill("Robot");
    await page.getByLabel("orders:read").check();
    await page.getByRole("button", { name: "Make the key" }).click();
    const key = await page.getByRole("textbox", { name: "Secret" }).inputValue();
    await page.getByRole("button", { name: "I have kept it" }).click();
    const asks = async (path: string) => (await shop.store.http.get(path, { token: key })).status;
    expect([await asks("admin/orders"), await asks("admin/users")]).to.deep.equal([200, 403]);
    const row = page.getByRole("row", { name: /Robot/ });
    await row.getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText("The key is revoked.").waitFor();
    expect(await asks("admin/orders")).to.equal(401);
    expect(page.faults).to.deep.equal([]);
  });

  it("sends a test to a webhook, shows the answer, and sends it again", async () => {
    hook.answer = (_, res) => res.writeHead(200).end("thank you");
    const page = await shop.open();
    await signIn(page);
    await page.goto("/admin/webhooks");
    await page.getByRole("button", { name: "New endpoint" }).click();
    await page.getByLabel("Address").fill(hook.url);
    await page.getByRole("button", { name: "Save" }).click();
    expect(await page.getByRole("textbox", { name: "Secret" }).inputValue()).to.match(/^whsec_/);
    await page.getByRole("button", { name: "I have kept it" }).click();
    await page.getByRole("link", { name: hook.url }).click();
    await page.getByRole("button", { name: "Send a test event" }).click();
    await eventually(() => hook.got.length === 1);
    await eventually(async () => {
      await page.reload();
      await settled(page);
      return page.getByText("Delivered").count();
    });
    await page.locator("tr[data-row] button").first().click();
    await page.getByRole("dialog").getByText("thank you").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Send again" }).click();
    await eventually(() => hook.got.length === 2);
    expect(hook.got[1]?.headers["webhook-id"]).to.equal(hook.got[0]?.headers["webhook-id"]);
    expect(page.faults).to.deep.equal([]);
  });

  it("leads from the first page to a packed order with the keyboard alone", async () => {
    const { body } = await shop.store.http.post<{ number: string }>("orders", order, { key: "k".repeat(30) });
    const page = await shop.open();
    await signIn(page);
    await page.goto("/admin");
    await settled(page);
    const { keyboard } = page;
    await keyboard.press("g");
    await keyboard.press("o");
    await page.waitForURL(/\/admin\/orders$/);
    await page.locator("tr[data-row]").first().waitFor();
    await keyboard.press("/");
    await keyboard.type(body.number);
    await page.waitForURL(/number=/);
    await keyboard.press("Enter");
    await page.locator("tr[data-row]:focus").waitFor();
    await keyboard.press("Enter");
    await page.waitForURL(/\/admin\/orders\/[0-9a-f-]{36}$/);
    await page.getByRole("button", { name: "Pack" }).waitFor();
    for (let presses = 0; presses < 60; presses++) {
      await keyboard.press("Tab");
      if ((await page.evaluate<string>("document.activeElement.textContent.trim()")) === "Pack") break;
    }
    await keyboard.press("Enter");
    await page.getByRole("button", { name: "Ship" }).waitFor();
    expect(page.faults).to.deep.equal([]);
  });

  it("sorts by its headings and keeps filters in the address", async () => {
    const page = await shop.open();
    await signIn(page);
    await page.goto("/admin/stock");
    const first = page.locator("tr[data-row]").first();
    const before = await first.textContent();
    await page.getByRole("button", { name: "SKU" }).click();
    await page.waitForURL(/sort=-sku/);
    await page
      .getByRole("columnheader", { name: "SKU" })
      .and(page.locator("[aria-sort=descending]"))
      .waitFor();
    await eventually(async () => (await first.textContent()) !== before);
    await page.getByLabel("SKU", { exact: true }).fill("nothing-like-this");
    await page.getByText("Nothing matches these filters.").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await first.waitFor();
    expect(page.url()).to.match(/sort=-sku$/);
  });
});
