import { expect } from "chai";
import type { Page, Route } from "playwright-core";
import { eventually } from "../../helpers/eventually.ts";
import { addToBasket, signIn, useShop } from "./setup.ts";

/** Holds what comes from one path of the API back until it is let go. */
async function hold(page: Page, path: string): Promise<() => Promise<void>> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const given: Promise<void>[] = [];
  const answer = async (route: Route): Promise<void> => {
    const response = await route.fetch();
    await promise;
    await route.fulfill({ response });
  };
  const pattern = `**/api/v1/${path}`;
  await page.route(pattern, (route) => {
    given.push(answer(route));
  });
  return async () => {
    resolve(undefined);
    await Promise.all(given);
    await page.unroute(pattern);
    // The page has worked what it was given when it has painted twice.
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  };
}

describe("a shop on a slow line", function () {
  this.timeout(60_000);
  const shop = useShop();
  let page: Awaited<ReturnType<typeof shop.open>>;

  const heart = () => page.getByRole("button", { name: "Keep on the wishlist" });
  const kept = (yes: boolean) => page.locator(`button[aria-pressed="${yes}"]`).waitFor();
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  const says = (text: string) => page.getByText(text).first().waitFor();
  /** The foot of the page is brought to life when it comes into sight. */
  const choose = (currency: string) =>
    eventually(async () => {
      const field = page.getByRole("contentinfo").getByLabel("Currency");
      await field.scrollIntoViewIfNeeded();
      await field.selectOption(currency);
      return page.evaluate(`localStorage.getItem("valence.currency") === "${currency}"`);
    });
  /** What the page in front shows beside the basket. */
  const holds = (items: number, where: Page = page) =>
    where
      .getByRole("button", { name: `Basket, ${items} item${items === 1 ? "" : "s"}`, exact: true })
      .waitFor();

  describe("for a guest", () => {
    beforeEach(async () => {
      page = await shop.open();
    });
    afterEach(async () => {
      expect(page.faults).to.deep.equal([]);
      await page.context().close();
    });

    it("keeps the basket of who chooses another currency before it was read", async () => {
      await addToBasket(page, "mixing-bowl");
      const release = await hold(page, "carts/*");
      await page.goto(page.url());
      const changed = page.waitForResponse((answer) => answer.url().endsWith("/currency") && answer.ok());
      await choose("EUR");
      await release();
      await changed;
      await page.goto("/cart");
      await holds(1);
      await page.getByRole("main").getByText("€").first().waitFor();
    });

    it("keeps the basket of who signs in while it cannot be taken along", async () => {
      await addToBasket(page, "mixing-bowl");
      await page.route("**/carts/*/merge", (route) => route.abort());
      await signIn(page);
      await page.goto("/cart");
      await holds(1);
    });

    it("shows nothing of a basket that another tab has taken along meanwhile", async () => {
      await addToBasket(page, "mixing-bowl");
      const other = await page.context().newPage();
      const release = await hold(page, "carts/*");
      const asked = page.waitForRequest("**/api/v1/carts/*");
      await page.goto(page.url());
      await asked;
      await signIn(other);
      await other.goto("/cart");
      await holds(1, other);
      await release();
      await holds(0);
    });
  });

  describe("for a customer", () => {
    const account = { email: "mary@example.com", password: "a quiet green teapot", name: "Mary Shopper" };
    before(async () => {
      await shop.store.http.post("auth/register", account);
      page = await shop.open();
      await signIn(page, account);
      await addToBasket(page, "mixing-bowl");
    });
    after(() => expect(page.faults).to.deep.equal([]));

    it("keeps a wish of who presses before the page knows who asks, and lets it go before it knows what is kept", async () => {
      let release = await hold(page, "auth/refresh");
      await page.goto("/p/mixing-bowl");
      await heart().click();
      await release();
      await kept(true);
      release = await hold(page, "me/wishlist");
      await page.goto(page.url());
      await heart().click();
      const gone = page.waitForResponse((answer) => answer.request().method() === "DELETE");
      await release();
      await gone;
      await page.goto(page.url());
      await kept(false);
    });

    it("says that a wish was not kept", async () => {
      await page.route("**/me/wishlist/*", (route) => route.abort());
      await heart().click();
      await page.getByRole("alert").getByText("No answer came from the shop.").waitFor();
      await page.unrouteAll();
      await kept(false);
    });

    it("keeps what is put into the basket before the page knows who puts it there and what it held", async () => {
      const releases = [await hold(page, "auth/refresh"), await hold(page, "me/cart")];
      await page.evaluate("localStorage.removeItem('valence.cart')");
      await page.goto("/p/saute-pan");
      await press("Add to basket");
      for (const release of releases) await release();
      await says("is in your basket");
      await holds(2);
      await page.goto(page.url());
      await holds(2);
    });

    it("stays signed in however fast its pages are left", async () => {
      await page.addInitScript(`{
        const send = fetch;
        window.fetch = (url, how) => {
          if (String(url).endsWith("/auth/refresh")) console.log("refresh outlives the page: " + how.keepalive);
          return send(url, how);
        };
      }`);
      const said: string[] = [];
      page.on("console", (message) => said.push(message.text()));
      for (const path of ["/p/mixing-bowl", "/c/kitchen", "/p/mixing-bowl", "/c/kitchen"]) {
        const asked = page.waitForRequest("**/auth/refresh");
        await page.goto(path, { waitUntil: "commit" });
        await asked;
      }
      await page.goto("/account");
      await says("Hello, Mary Shopper");
      expect(said.filter((text) => text.startsWith("refresh"))).to.include("refresh outlives the page: true");
      expect(said).not.to.include("refresh outlives the page: undefined");
    });

    it("shows nothing of the account's basket after its owner has signed out", async () => {
      await page.goto("/account");
      const release = await hold(page, "me/cart");
      const asked = page.waitForRequest("**/api/v1/me/cart");
      await page.evaluate("localStorage.removeItem('valence.cart')");
      await page.goto(page.url());
      await asked;
      await press("Sign out");
      await page.getByRole("link", { name: "Sign in" }).first().waitFor();
      await release();
      await holds(0);
    });

    it("brings along what was gathered in another currency than the account's basket has", async () => {
      await page.goto("/");
      await choose("EUR");
      await addToBasket(page, "chefs-knife");
      await holds(1);
      await signIn(page, account);
      await holds(3);
    });
  });
});
