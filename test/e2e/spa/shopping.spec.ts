import { expect } from "chai";
import { addToBasket, fillAddress, payButton, signIn, useShop } from "./setup.ts";

interface Order {
  id: string;
  status: string;
  version: number;
}

describe("a guest in the shop", function () {
  this.timeout(60_000);
  const shop = useShop();

  it("finds a teapot by a misspelt word, and the filters stay in the address on the way back", async () => {
    const page = await shop.open();
    await page.goto("/");
    await page.getByRole("combobox", { name: "Search" }).fill("teapt");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Did you mean “teapot”?" }).waitFor();
    await page.getByRole("link", { name: "Stoneware teapot" }).waitFor();
    await page.goto("/c/kitchen");
    await page.getByRole("group", { name: "Colour" }).getByLabel("rust").check();
    await page.waitForURL(/option\.colour=rust/);
    await page.getByRole("link", { name: "Enamelled casserole" }).click();
    await page.waitForURL(/\/p\/enamelled-casserole/);
    await page.goBack();
    await page.waitForURL(/option\.colour=rust/);
    expect(await page.getByRole("group", { name: "Colour" }).getByLabel("rust").isChecked()).to.equal(true);
    expect(page.faults).to.deep.equal([]);
  });

  it("chooses a variant, and the basket survives a reload", async () => {
    const page = await shop.open();
    await page.goto("/p/enamelled-casserole");
    await page.getByText("5 l", { exact: true }).click();
    await page.getByText("£159.00").first().waitFor();
    await page.getByRole("button", { name: "Add to basket" }).click();
    await page.getByText("is in your basket").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Basket, 1 item" }).click();
    await page.getByRole("dialog").getByText("Enamelled casserole").waitFor();
    expect(page.faults).to.deep.equal([]);
  });

  it("is declined, pays with another card, sees the order shipped live, sends it back and is refunded", async () => {
    const page = await shop.open();
    await addToBasket(page, "mixing-bowl");
    await page.goto("/checkout");
    await fillAddress(page, "guest@example.com");
    await page.getByLabel("Test card, declined").check();
    await payButton(page).click();
    await page.getByText("The payment was declined").waitFor();
    await page.getByText(/^Reference /).waitFor();
    await page.getByLabel("Test card, approved", { exact: true }).check();
    await payButton(page).click();
    await page.getByText("Thank you, your order is in.").waitFor();

    const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    const token = await shop.admin();
    const { http } = shop.store;
    const move = (path: string, body = {}) => http.post<Order>(path, body, { token, key: path });
    await move(`admin/orders/${id}/pack`);
    await move(`admin/orders/${id}/ship`, { carrier: "Parcel Post", trackingNumber: "PP1" });
    await page.getByText("Handed to the carrier").waitFor();
    await page.getByText("Tracking: Parcel Post PP1").waitFor();

    await page.getByLabel("Mixing bowl").selectOption("1");
    await page.getByLabel("Reason").fill("Too small");
    await page.getByRole("button", { name: "Ask for the return" }).click();
    await page.getByText("We have your request").waitFor();
    const { body } = await http.get<{ data: { id: string }[] }>("admin/returns", { token });
    const asked = body.data[0]?.id ?? "";
    await move(`admin/returns/${asked}/approve`);
    await move(`admin/returns/${asked}/receive`);
    await page.getByText("Arrived and refunded").waitFor();
    await page.getByText(/Refunded: £/).waitFor();
    expect(page.faults).to.deep.equal([]);
  });

  it("cancels an order before it is packed", async () => {
    const page = await shop.open();
    await addToBasket(page, "chefs-knife");
    await page.goto("/checkout");
    await fillAddress(page, "cancel@example.com");
    await payButton(page).click();
    await page.getByRole("button", { name: "Cancel the order" }).click();
    await page.getByRole("button", { name: "Yes, cancel it" }).click();
    await page.getByRole("main").getByText("Cancelled").first().waitFor();
  });

  it("keeps the guest's things when signing in, and says what changed", async () => {
    const { http } = shop.store;
    const account = { email: "merge@example.com", password: "a long enough phrase", name: "Mia" };
    await http.post("auth/register", account);
    const first = await shop.open();
    await addToBasket(first, "mixing-bowl");
    await signIn(first, account);
    const page = await shop.open();
    await addToBasket(page, "mixing-bowl");
    await signIn(page, account);
    await page.getByText("Your basket has changed").first().waitFor();
    await page.getByText("the numbers of both baskets were added").first().waitFor();
    expect(page.faults).to.deep.equal([]);
  });
});
