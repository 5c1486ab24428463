import { expect } from "chai";
import { eventually } from "../../helpers/eventually.ts";
import { addToBasket, signIn, useShop } from "./setup.ts";

const unknown = "0198c0de-0000-7000-8000-000000000001";
/** Every page that asks the shop for something, and what it must not say while it has no answer. */
const pages: Readonly<Record<string, RegExp | undefined>> = {
  "/c/kitchen": undefined,
  "/search?q=mug": undefined,
  "/p/mixing-bowl": /no longer in our shop/,
  [`/orders/${unknown}`]: /cannot find this order/,
  "/account/orders": /not ordered/,
  "/account/addresses": /No address is saved/,
  "/account/wishlist": /wishlist is empty/,
  "/account/sessions": undefined,
  "/admin": /Orders today|£0\.00|Nothing/,
  "/admin/orders": /Nothing/,
  [`/admin/orders/${unknown}`]: /cannot find this order/,
  "/admin/returns": /Nothing/,
  "/admin/products": /Nothing/,
  [`/admin/products/${unknown}`]: /no longer in our shop/,
  "/admin/stock": /Nothing/,
  "/admin/imports": /Nothing/,
  "/admin/customers": /Nothing/,
  "/admin/coupons": /Nothing/,
  "/admin/reviews": /Nothing/,
  "/admin/mails": /Nothing/,
  "/admin/api-keys": /Nothing|no key/i,
  "/admin/webhooks": /Nothing|no endpoint/i,
  [`/admin/webhooks/${unknown}`]: /no such endpoint/,
  "/admin/stuck": /Nothing/,
  "/admin/audit": /Nothing/,
  "/admin/traces": /Nothing/,
  "/admin/cluster": /Nothing/,
};

describe("a shop on a broken line", function () {
  this.timeout(60_000);
  const shop = useShop();
  let page: Awaited<ReturnType<typeof shop.open>>;

  const main = () => page.getByRole("main");
  const failed = () =>
    main()
      .getByText(/No answer came from the shop|could not be loaded/)
      .first();
  const again = () => main().getByRole("button", { name: "Try again" }).first();
  const cut = (path: string) => page.route(`**/api/v1/${path}`, (route) => route.abort());
  const mend = () => page.unrouteAll({ behavior: "wait" });
  const bowl = () => main().getByRole("link", { name: "Mixing bowl" }).first();

  /** Goes to a page of the open app from the moment on at which nothing is answered any more. */
  async function cutOffAt(path: string): Promise<void> {
    await page.goto("/cart");
    await bowl().waitFor();
    await cut("**");
    await page.evaluate(
      `void document.querySelector("#app").__vue_app__.config.globalProperties.$router.push("${path}")`,
    );
    await failed().waitFor();
  }

  before(async () => {
    page = await shop.open();
    await signIn(page);
    await addToBasket(page, "mixing-bowl");
  });
  after(() => expect(page.faults).to.deep.equal([]));

  for (const [path, lie] of Object.entries(pages))
    it(`says that no answer came, at ${path.replace(unknown, ":id")}`, async () => {
      await cutOffAt(path);
      await again().waitFor();
      if (lie !== undefined) expect(await main().innerText()).not.to.match(lie);
      await mend();
    });

  it("shows what it has once there is an answer", async () => {
    await cutOffAt("/admin/customers");
    await mend();
    await again().click();
    await main().getByText("admin@example.com").first().waitFor();
    expect(await failed().count()).to.equal(0);
  });

  for (const [what, path] of [
    ["the basket", "carts/*"],
    ["who is signed in", "auth/refresh"],
  ] as const)
    it(`calls no basket empty while ${what} cannot be read, and shows it then`, async () => {
      await cut(path);
      for (const place of ["/checkout", "/cart"]) {
        await page.goto(place);
        await failed().waitFor();
        expect(await main().innerText()).not.to.match(/basket is empty/);
      }
      await mend();
      await again().click();
      await bowl().waitFor();
    });

  it("says why it asks to sign in who is signed in, and goes on by itself", async () => {
    await cut("auth/refresh");
    await page.goto("/account/orders");
    await page.waitForURL(/\/login/);
    await failed().waitFor();
    await mend();
    // What else the page needs may have asked again meanwhile.
    await again()
      .click({ timeout: 1000 })
      .catch(() => undefined);
    await page.waitForURL((url) => url.pathname === "/account/orders");
  });

  it("says that the basket keeps its currency when it could not change, and changes it when asked again", async () => {
    await page.goto("/cart");
    await bowl().waitFor();
    await cut("carts/*/currency");
    const foot = page.getByRole("contentinfo");
    await eventually(async () => {
      await foot.getByLabel("Currency").scrollIntoViewIfNeeded();
      await foot.getByLabel("Currency").selectOption("EUR");
      return (await foot.getByText(/No answer came from the shop/).count()) === 1;
    });
    await main().getByText("Your basket is in GBP.").waitFor();
    await mend();
    await page.getByRole("button", { name: "Change it to EUR" }).click();
    await main().getByText("€").first().waitFor();
    expect(await main().getByText("Your basket is in GBP.").count()).to.equal(0);
  });

  it("puts nothing into a new basket while the one that is there cannot be read", async () => {
    await cut("carts/*");
    await page.goto("/p/saute-pan");
    await page.getByRole("button", { name: "Add to basket" }).click();
    await failed().waitFor();
    await mend();
    await page.getByRole("button", { name: "Add to basket" }).click();
    await page.getByText("is in your basket").waitFor();
    await page.getByRole("button", { name: "Basket, 2 items" }).waitFor();
  });
});
