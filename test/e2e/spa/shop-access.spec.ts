import { expect } from "chai";
import type { Page } from "playwright-core";
import { violationsInBoth } from "./axe.ts";
import { addToBasket, fillAddress, signIn, useShop } from "./setup.ts";

const phone = { viewport: { width: 390, height: 844 } };
const account = { email: "access@example.com", password: "a long enough phrase", name: "Ida" };
const address = { name: "Ida", line1: "1 High Street", city: "London", postalCode: "N1 9GU", country: "GB" };

/** Until the page's first view is there. */
async function settled(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  await page.locator(".skeleton").first().waitFor({ state: "detached" });
}

describe("access for everybody in the shop, light and dark", function () {
  this.timeout(120_000);
  const shop = useShop();

  async function nothingWrong(page: Page, what: string): Promise<void> {
    expect(await violationsInBoth(page), what).to.deep.equal([]);
  }

  async function visit(page: Page, paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      await page.goto(path);
      await settled(page);
      await nothingWrong(page, path);
    }
  }

  const placeOrder = async (): Promise<{ id: string; secret: string }> => {
    const order = {
      lines: [{ sku: "BWL-4", quantity: 1 }],
      currency: "GBP",
      email: "guest@example.com",
      shippingAddress: address,
      shippingMethod: "standard",
      payment: { provider: "test", token: "tok_visa" },
    };
    const key = "a-guest-with-a-long-enough-key";
    const { body, status } = await shop.store.http.post<{ id: string; secret: string }>("orders", order, {
      key,
    });
    expect(status, JSON.stringify(body)).to.equal(201);
    return body;
  };

  it("has pages for guests that axe-core does not object to", async () => {
    const page = await shop.open(phone);
    await visit(page, [
      "/",
      "/c/kitchen",
      "/c/kitchen?option.colour=rust&inStock=true",
      "/search?q=tea",
      "/search?q=zzzzzz",
      "/p/enamelled-casserole",
      "/p/nothing-of-this-name",
      "/c/nothing-of-this-name",
      "/nothing/of/this/name",
      "/cart",
      "/checkout",
      "/login",
      "/register",
      "/forgot",
      "/reset#token=abc",
      "/verify#token=abc",
      "/orders/01890000-0000-7000-8000-000000000000",
    ]);
    expect(page.faults).to.deep.equal([]);
    await page.context().close();
  });

  it("has a checkout and an order that axe-core does not object to, refusals and dialogs included", async () => {
    const page = await shop.open(phone);
    await addToBasket(page, "mixing-bowl");
    await visit(page, ["/cart", "/checkout"]);
    await page.locator("aside button[type=submit]").click();
    await page.locator('[aria-invalid="true"]').first().waitFor();
    await nothingWrong(page, "a checkout with gaps");
    await fillAddress(page, "axe@example.com");
    await page.getByLabel("Test card, declined").check();
    await page.locator("aside button[type=submit]").click();
    await page.getByText("The payment was declined").waitFor();
    await nothingWrong(page, "a declined payment");

    const { id, secret } = await placeOrder();
    await visit(page, [`/orders/${id}#secret=${secret}`]);
    await page.getByRole("button", { name: "Cancel the order" }).click();
    await page.getByRole("dialog").or(page.getByRole("alertdialog")).waitFor();
    await nothingWrong(page, "the question before an order is cancelled");
    await page.context().close();
  });

  it("has drawers, suggestions and messages that axe-core does not object to", async () => {
    const page = await shop.open(phone);
    await addToBasket(page, "mixing-bowl");
    await nothingWrong(page, "a message");
    for (const name of [/^Basket/, /^Menu/]) {
      await page.goto("/c/kitchen");
      await page.getByRole("button", { name }).click();
      await page.getByRole("dialog").waitFor();
      await nothingWrong(page, String(name));
      await page.keyboard.press("Escape");
    }
    await page.getByRole("button", { name: "Filters" }).click();
    await page.getByRole("dialog").waitFor();
    await nothingWrong(page, "filters");
    await page.keyboard.press("Escape");
    await page.getByRole("combobox", { name: "Search" }).fill("tea");
    await page.getByRole("option").first().waitFor();
    await nothingWrong(page, "suggestions");
    await page.context().close();
  });

  it("has an account that axe-core does not object to, at a desk", async () => {
    const { http } = shop.store;
    await http.post("auth/register", account);
    const { email, password } = account;
    const login = await http.post<{ accessToken: string }>("auth/login", { email, password });
    const token = login.body.accessToken;
    const made = await http.post("me/addresses", { ...address, isDefault: true }, { token });
    expect(made.status, JSON.stringify(made.body)).to.equal(201);
    const { body: bowl } = await http.get<{ id: string }>("products/mixing-bowl");
    await http.put(`me/wishlist/${bowl.id}`, {}, { token });
    const page = await shop.open();
    await signIn(page, account);
    await visit(page, [
      "/account",
      "/account/addresses",
      "/account/orders",
      "/account/sessions",
      "/account/wishlist",
      "/p/mixing-bowl",
    ]);
    await page.goto("/account/addresses");
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Full name").waitFor();
    await nothingWrong(page, "an address to edit");
    expect(page.faults).to.deep.equal([]);
    await page.context().close();
  });
});
