import { expect } from "chai";
import type { Page } from "playwright-core";
import { eventually } from "../../helpers/eventually.ts";
import { addToBasket, payButton, signIn, useShop } from "./setup.ts";

interface Mail {
  text: string;
}

describe("an account in the shop", function () {
  this.timeout(60_000);
  const shop = useShop();
  const email = "mary@example.com";
  const passwords = ["a quiet green teapot", "another quiet teapot", "a third, blue teapot"] as const;
  let page: Awaited<ReturnType<typeof shop.open>>;

  before(async function () {
    page = await shop.open();
  });

  /** The path of the newest link that the store has mailed to the customer. */
  async function mailedLink(path: string): Promise<string> {
    const token = await shop.admin();
    return eventually(async () => {
      const { body } = await shop.store.http.get<{ data: Mail[] }>(`admin/mails?to=${email}`, { token });
      return body.data.map(({ text }) => new RegExp(`/${path}\\S+`).exec(text)?.[0]).find(Boolean);
    });
  }

  const says = (text: string | RegExp) => page.getByText(text).first().waitFor();
  const press = (name: string, within: Page = page) =>
    within.getByRole("button", { name, exact: true }).click();

  it("is made, and confirmed by the link in the mail", async () => {
    await page.goto("/register?next=/account");
    await page.getByLabel("Name").fill("Mary Shopper");
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(passwords[0]);
    await press("Create an account");
    await says("Welcome! We have sent you a mail to confirm your address.");
    await page.goto(await mailedLink("verify"));
    await says("Thank you, your address is confirmed.");
    expect(new URL(page.url()).search + new URL(page.url()).hash, "the token in the address bar").to.equal(
      "",
    );
    await page.goto("/account");
    await says("Hello, Mary Shopper");
    expect(await page.getByText("Please confirm your address").count()).to.equal(0);
  });

  it("takes another name, which greets its owner after a reload", async () => {
    await page.getByLabel("Name").fill("Mary Ann Shopper");
    await page.getByRole("button", { name: "Save" }).click();
    await says("Hello, Mary Ann Shopper");
    await page.reload();
    await says("Hello, Mary Ann Shopper");
  });

  it("keeps addresses: the second is made the first, one is mended and one taken away", async () => {
    await page.goto("/account/addresses");
    await says("No address is saved yet.");
    for (const [name, line] of [
      ["Mary at home", "1 High Street"],
      ["Mary at work", "2 Low Street"],
    ] as const) {
      await press("Add an address");
      await page.getByLabel("Full name").fill(name);
      await page.getByLabel("Street and number").fill(line);
      await page.getByLabel("Postcode").fill("N1 9GU");
      await page.getByLabel("Town or city").fill("London");
      await page.getByLabel("Country").selectOption("GB");
      if (name.endsWith("work")) await page.getByRole("checkbox").last().check();
      await press("Save");
      await page.getByText(line).waitFor();
    }
    const cards = page
      .getByRole("main")
      .getByRole("listitem")
      .filter({ has: page.getByRole("button", { name: "Edit" }) });
    expect(await cards.filter({ hasText: "Used first" }).allInnerTexts()).to.have.length(1);
    await cards.filter({ hasText: "Used first" }).getByText("2 Low Street").waitFor();
    await cards.filter({ hasText: "2 Low Street" }).getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Street and number").fill("3 Middle Street");
    await press("Save");
    await page.getByText("3 Middle Street").waitFor();
    await cards.filter({ hasText: "1 High Street" }).getByRole("button", { name: "Delete" }).click();
    await cards.filter({ hasText: "1 High Street" }).waitFor({ state: "detached" });
    await page.reload();
    await page.getByText("3 Middle Street").waitFor();
    expect(await cards.count()).to.equal(1);
  });

  it("keeps a wishlist, and lets go of what is taken off it", async () => {
    await page.goto("/p/mixing-bowl");
    const heart = page.getByRole("button", { name: "Keep on the wishlist" });
    await heart.click();
    await page.locator('button[aria-pressed="true"]').waitFor();
    await page.goto("/account/wishlist");
    await page.getByRole("main").getByRole("link", { name: "Mixing bowl" }).click();
    await page.waitForURL(/\/p\/mixing-bowl/);
    await heart.click();
    await page.locator('button[aria-pressed="false"]').waitFor();
    await page.goto("/account/wishlist");
    await says("Your wishlist is empty.");
  });

  it("lists the order that was just placed, which opens from the list", async () => {
    await addToBasket(page, "mixing-bowl");
    await page.goto("/checkout");
    await page.locator("option:checked", { hasText: "3 Middle Street" }).waitFor({ state: "attached" });
    await payButton(page).click();
    await says("Thank you, your order is in.");
    const { pathname } = new URL(page.url());
    await page.goto("/account/orders");
    await page.locator(`main a[href="${pathname}"]`).click();
    await page.waitForURL((url) => url.pathname === pathname);
    await says("Mixing bowl");
  });

  it("changes its password, which signs out every other device", async () => {
    const other = await shop.open();
    await signIn(other, { email, password: passwords[0] });
    await page.goto("/account/sessions");
    await page.getByRole("button", { name: "Sign out", exact: true }).last().waitFor();
    await page.goto("/account");
    await page.getByLabel("Current password").fill("not this one");
    await page.getByLabel("New password").fill(passwords[1]);
    await press("Change password");
    await says("E-mail address and password do not match.");
    await page.getByLabel("Current password").fill(passwords[0]);
    await press("Change password");
    await says("Your password is changed. Other devices were signed out.");
    await other.goto("/account");
    await other.waitForURL(/\/login/);
    await other.context().close();
    await page.reload();
    await says("Hello, Mary Ann Shopper");
  });

  it("ends one other session from the list, and stays signed in itself", async () => {
    const other = await shop.open();
    await signIn(other, { email, password: passwords[1] });
    await page.goto("/account/sessions");
    const rows = page.getByRole("main").getByRole("listitem").filter({ hasText: "Last used" });
    await rows.nth(1).waitFor();
    await rows.filter({ hasNotText: "This device" }).getByRole("button", { name: "Sign out" }).click();
    await rows.nth(1).waitFor({ state: "detached" });
    expect(await rows.allInnerTexts()).to.match(/This device/);
    await other.goto("/account");
    await other.waitForURL(/\/login/);
    await other.context().close();
  });

  it("gets a new password by mail; the link works once", async () => {
    await page.goto("/account");
    await page.getByRole("main").getByRole("button", { name: "Sign out" }).click();
    await page.goto("/login");
    await page.getByRole("link", { name: "Forgotten your password?" }).click();
    // The page before asks for an address too.
    await page.getByRole("button", { name: "Send the link" }).waitFor();
    await page.getByLabel("E-mail address").fill(email);
    await press("Send the link");
    await says("If there is an account with this address, a link is on its way.");
    const link = await mailedLink("reset");
    await page.goto(link);
    await page.getByLabel("New password").fill(passwords[2]);
    await press("Save");
    await says("Your password is set. Please sign in with it.");
    await signIn(page, { email, password: passwords[2] });
    const second = await shop.open();
    await second.goto(link);
    await second.getByLabel("New password").fill("one more blue teapot");
    await second.getByRole("button", { name: "Save" }).click();
    await second.getByText("This link no longer works. Please ask for a new one.").waitFor();
    await second.context().close();
    expect(page.faults).to.deep.equal([]);
  });
});
