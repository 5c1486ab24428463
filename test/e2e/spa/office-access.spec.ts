import { expect } from "chai";
import type { Page } from "playwright-core";
import { adminRoutes } from "../../../public/src/adminRoutes.ts";
import { violations, violationsInBoth } from "./axe.ts";
import { fillOffice, settled, type Filled } from "./office-fixture.ts";
import { signIn, useShop } from "./setup.ts";

const press = (name: string) => (page: Page) =>
  page.getByRole("button", { name, exact: true }).first().click();
const openRow = (page: Page) => page.locator("main tr[data-row] button").first().click();

/** What opens on a page, by the page's route. */
const dialogs: Readonly<Record<string, readonly ((page: Page) => Promise<void>)[]>> = {
  "": [press("Keyboard")],
  "orders/:id": [press("Refund")],
  "products/:id": [press("Remove product")],
  categories: [press("New category")],
  stock: [openRow],
  customers: [press("New account")],
  coupons: [press("New coupon"), press("Edit SPRING")],
  mails: [openRow],
  "api-keys": [press("New API key")],
  webhooks: [press("New endpoint")],
  "webhooks/:id": [openRow, press("Send all since …")],
};

describe("the back office for everybody", function () {
  this.timeout(180_000);
  const shop = useShop(() => Promise.resolve({ WEBHOOK_ALLOW_PRIVATE: "on" }));
  let page: Page;
  let filled: Filled;
  before(async () => {
    filled = await fillOffice(shop);
    page = await shop.open({ colorScheme: "light" });
    await signIn(page);
  });

  const idOf = (path: string): string =>
    path.startsWith("orders") ? filled.order : path.startsWith("products") ? filled.product : filled.endpoint;

  for (const { path } of adminRoutes)
    it(`has nothing that axe-core objects to, light and dark, with what opens on it: /admin/${path}`, async () => {
      await page.goto(`/admin/${path.replace(":id", idOf(path))}`);
      await settled(page);
      expect(await violationsInBoth(page), path).to.deep.equal([]);
      for (const [n, open] of (dialogs[path] ?? []).entries()) {
        await open(page);
        await page.getByRole("dialog").waitFor();
        expect(await violationsInBoth(page), `${path}, dialog ${n + 1}`).to.deep.equal([]);
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
      }
    });

  it("shows every page without scrolling sideways at 390 px, and nothing that axe-core objects to", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const { path } of adminRoutes) {
      await page.goto(`/admin/${path.replace(":id", idOf(path))}`);
      await settled(page);
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect(wide, path).to.be.at.most(390);
      expect(await violations(page), path).to.deep.equal([]);
    }
  });
});
