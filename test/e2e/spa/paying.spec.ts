import { expect } from "chai";
import { eventually } from "../../helpers/eventually.ts";
import { stripeEnv } from "../../integration/payments/stripe-store.ts";
import { startStripe, type StripeServer } from "../../servers/stripe/server.ts";
import { addToBasket, fillAddress, payButton, useShop } from "./setup.ts";

describe("paying", function () {
  this.timeout(60_000);
  let stripe: StripeServer;
  const shop = useShop(async () => stripeEnv((stripe = await startStripe())));
  before(() => {
    stripe.webhooks.target = `${shop.store.url}/api/v1/payments/webhooks/stripe`;
  });
  after(() => stripe?.stop());

  const ordersOf = async (email: string): Promise<number> => {
    const token = await shop.admin();
    const { body } = await shop.store.http.get<{ data: unknown[] }>(`admin/orders?email=${email}`, { token });
    return body.data.length;
  };

  it("makes one order of a double click", async () => {
    const page = await shop.open();
    await addToBasket(page, "mixing-bowl");
    await page.goto("/checkout");
    await fillAddress(page, "double@example.com");
    await payButton(page).dblclick();
    await page.getByText("Thank you, your order is in.").waitFor();
    expect(await ordersOf("double@example.com")).to.equal(1);
  });

  it("lets nobody pay while the total is worked out anew, nor does an older state of the basket come back", async () => {
    const page = await shop.open();
    await addToBasket(page, "mixing-bowl");
    const released = Promise.withResolvers<true>();
    const update = Promise.withResolvers<true>();
    let reads = 0;
    let pending = 0;
    // The page reads its basket more than once: all but the first answer arrive last, behind that to the change.
    await page.route(/\/api\/v1\/carts\/[^/]+$/, async (route) => {
      pending += 1;
      const response = await route.fetch();
      const isChange = route.request().method() === "PATCH";
      if (isChange) await released.promise;
      else if ((reads += 1) > 1) await update.promise;
      await route.fulfill({ response });
      if (isChange) update.resolve(true);
      pending -= 1;
    });
    await page.goto("/checkout");
    await fillAddress(page, "quick@example.com");
    await eventually(() => payButton(page).isDisabled());
    released.resolve(true);
    await eventually(() => pending === 0);
    await payButton(page).click();
    await page.getByText("Thank you, your order is in.").waitFor();
    expect(await ordersOf("quick@example.com")).to.equal(1);
  });

  it("says so when the answer is lost, and the next try finds the same order", async () => {
    const page = await shop.open();
    await addToBasket(page, "mixing-bowl");
    await page.goto("/checkout");
    await fillAddress(page, "offline@example.com");
    const keys: string[] = [];
    await page.route("**/api/v1/orders", async (route) => {
      keys.push(route.request().headers()["idempotency-key"] ?? "");
      if (keys.length > 1) return route.continue();
      await route.fetch();
      await route.abort("connectionreset");
    });
    await payButton(page).click();
    await page.getByText("We did not hear back").waitFor();
    // The attempt outlives a reload, and needs no filling in again.
    await page.reload();
    await page.getByText("We did not hear back").waitFor();
    await page.locator("aside button[type=submit]").click();
    await page.getByText("Thank you, your order is in.").waitFor();
    expect(keys).to.have.length(2);
    expect(keys[0]).to.equal(keys[1]);
    expect(await ordersOf("offline@example.com")).to.equal(1);
  });

  it("pays on Stripe's page, after another card was declined there, and thanks when the shopper is back", async () => {
    const page = await shop.open();
    await addToBasket(page, "mixing-bowl");
    await page.goto("/checkout");
    await fillAddress(page, "stripe@example.com");
    await page.getByLabel("Card or wallet").check();
    await payButton(page).click();
    await page.getByRole("button", { name: "Pay with a card that is declined" }).click();
    await page.getByText("Your card was declined.").waitFor();
    await page.getByRole("button", { name: "Pay", exact: true }).click();
    await page.getByText("Thank you, your order is in.").waitFor();
    expect(await ordersOf("stripe@example.com")).to.equal(1);
  });

  it("sends the shopper to the provider's page when the bank asks, and back to the order", async () => {
    const page = await shop.open();
    await addToBasket(page, "mixing-bowl");
    await page.goto("/checkout");
    await fillAddress(page, "bank@example.com");
    await page.getByLabel("Test card, asks you to confirm first").check();
    await payButton(page).click();
    await page.waitForURL(/payments\/test\//);
  });
});
