import { expect } from "chai";
import { violations } from "./axe.ts";
import { signIn, useShop } from "./setup.ts";

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

describe("access for everybody in the back office", function () {
  this.timeout(120_000);
  const shop = useShop();

  for (const colorScheme of ["light", "dark"] as const) {
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
