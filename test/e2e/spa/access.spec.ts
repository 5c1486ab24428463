import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect } from "chai";
import type { Page } from "playwright-core";
import { addToBasket, signIn, useShop } from "./setup.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(
    "axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html.slice(0, 150)))",
  );
}

const shopPages = [
  "/",
  "/c/kitchen",
  "/search?q=tea",
  "/p/enamelled-casserole",
  "/cart",
  "/checkout",
  "/login",
  "/register",
];
const officePages = [
  "",
  "/orders",
  "/products",
  "/products/new",
  "/stock",
  "/imports",
  "/coupons",
  "/stuck",
  "/traces",
  "/cluster",
];

describe("access for everybody", function () {
  this.timeout(120_000);
  const shop = useShop();

  for (const colorScheme of ["light", "dark"] as const) {
    it(`has nothing that axe-core objects to in the shop, ${colorScheme}`, async () => {
      const page = await shop.open({ colorScheme, viewport: { width: 390, height: 844 } });
      await addToBasket(page, "mixing-bowl");
      for (const path of shopPages) {
        await page.goto(path);
        await page.waitForLoadState("networkidle");
        expect(await violations(page), path).to.deep.equal([]);
      }
      for (const button of [/^Basket/, /^Menu/]) {
        await page.goto("/");
        await page.getByRole("button", { name: button }).click();
        await page.getByRole("dialog").waitFor();
        expect(await violations(page), String(button)).to.deep.equal([]);
      }
      await page.context().close();
    });

    it(`has nothing that axe-core objects to in the back office, ${colorScheme}`, async () => {
      const page = await shop.open({ colorScheme });
      await signIn(page);
      for (const path of officePages) {
        await page.goto(`/admin${path}`);
        await page.waitForLoadState("networkidle");
        expect(await violations(page), path).to.deep.equal([]);
      }
      await page.context().close();
    });
  }
});
