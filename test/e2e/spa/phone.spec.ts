import { expect } from "chai";
import type { Page } from "playwright-core";
import { fillAddress, payButton, useShop } from "./setup.ts";

/** Tabs until the element with this text or name has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate<string>(
      "(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '').trim()",
    );
    if (name.test(focused)) return;
  }
  throw new Error(`Tab never reached ${String(name)}`);
}

describe("a phone, and a keyboard alone", function () {
  this.timeout(60_000);
  const shop = useShop();

  for (const path of [
    "/",
    "/c/kitchen",
    "/search?q=tea",
    "/p/enamelled-casserole",
    "/cart",
    "/checkout",
    "/login",
  ])
    it(`shows ${path} without scrolling sideways at 390 px`, async () => {
      const page = await shop.open({ viewport: { width: 390, height: 844 } });
      await page.goto(path);
      await page.waitForLoadState("networkidle");
      expect(await page.evaluate("document.documentElement.scrollWidth")).to.be.at.most(390);
      expect(page.faults).to.deep.equal([]);
      await page.context().close();
    });

  it("filters in a drawer on a phone", async () => {
    const page = await shop.open({ viewport: { width: 390, height: 844 } });
    await page.goto("/c/kitchen");
    await page.getByRole("button", { name: "Filters" }).click();
    await page.getByRole("dialog").getByLabel("rust").check();
    await page.getByRole("button", { name: /Show results \(1\)/ }).click();
    await page.getByRole("button", { name: "Filters (1)" }).waitFor();
  });

  it("buys with the keyboard alone", async () => {
    const page = await shop.open();
    await page.goto("/p/mixing-bowl");
    await page.getByRole("button", { name: "Add to basket" }).waitFor();
    await tabTo(page, /^Add to basket$/);
    await page.keyboard.press("Enter");
    await page.getByText("is in your basket").waitFor();
    await page.keyboard.press("Shift+Tab");
    await tabTo(page, /^View basket$/);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await tabTo(page, /^Go to checkout$/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/checkout/);
    await fillAddress(page, "keys@example.com");
    await page.getByLabel("E-mail address").focus();
    await tabTo(page, /^Pay £/);
    await page.keyboard.press("Enter");
    await page.getByText("Thank you, your order is in.").waitFor();
    expect(await payButton(page).count()).to.equal(0);
  });
});
