import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { signIn, useShop } from "./setup.ts";

const csv = [
  "sku,name,description,category,price,currency,stock,image,product,option:size",
  "IMP-1,Linen apron,Sturdy.,kitchen,29.00,GBP,5,,linen-apron,M",
  "IMP-2,Linen apron,Sturdy.,kitchen,cheap,GBP,5,,linen-apron,L",
].join("\n");

describe("the back office", function () {
  this.timeout(60_000);
  const shop = useShop();

  const placeOrder = async (key = "office-order-0123456789-abcdef"): Promise<string> => {
    const { body } = await shop.store.http.post<{ id: string }>(
      "orders",
      {
        lines: [{ sku: "BWL-2", quantity: 1 }],
        currency: "GBP",
        email: "office@example.com",
        shippingAddress: { name: "Ada", line1: "1 High St", city: "London", postalCode: "N1", country: "GB" },
        shippingMethod: "standard",
        payment: { provider: "test", token: "tok_visa" },
      },
      { key },
    );
    return body.id;
  };

  it("is hidden from customers", async () => {
    const account = { email: "nosy@example.com", password: "a long enough phrase", name: "Nosy" };
    await shop.store.http.post("auth/register", account);
    const page = await shop.open();
    await signIn(page, account);
    await page.goto("/admin");
    await page.getByText("This page is not here").waitFor();
  });

  it("changes how often and how long a coupon counts, and keeps what it is worth", async () => {
    const token = await shop.admin();
    const made = { code: "AUTUMN", kind: "percent", value: 15, maxUses: 5 };
    expect((await shop.store.http.post("admin/coupons", made, { token })).status).to.equal(201);
    const page = await shop.open();
    await signIn(page);
    await page.goto("/admin/coupons");
    await page.getByRole("button", { name: "Edit AUTUMN" }).click();
    await page.getByLabel("Most uses in total").fill("");
    await page.getByLabel("Most uses per customer").fill("2");
    await page.getByLabel("Valid until").fill("2031-05-01T10:30");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.locator("main tr").filter({ hasText: "AUTUMN" }).getByText("no limit").waitFor();
    const { body } = await shop.store.http.get<{ data: object[] }>("admin/coupons", { token });
    const until = new Date(await page.evaluate<number>("new Date(2031, 4, 1, 10, 30).getTime()"));
    expect(body.data[0]).to.include({
      code: "AUTUMN",
      value: 15,
      maxUses: null,
      maxUsesPerCustomer: 2,
      validFrom: null,
      validUntil: until.toISOString(),
    });
    expect(page.faults).to.deep.equal([]);
  });

  it("gives catalogue, orders, stock and customers as CSV files", async () => {
    await placeOrder("office-export-0123456789-abcdef");
    const page = await shop.open();
    await signIn(page);
    await page.goto("/admin/imports");
    const beginnings = { Catalogue: /^sku,/, Orders: /^id,number,/, Stock: /^sku,/, Customers: /^id,/ };
    for (const [name, beginning] of Object.entries(beginnings)) {
      const button = page.getByRole("button", { name, exact: true });
      const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
      expect(file.suggestedFilename()).to.equal(`${name.toLowerCase()}.csv`);
      const lines = (await readFile(await file.path(), "utf8")).trim().split("\n");
      expect(lines[0], name).to.match(beginning);
      expect(lines.length, name).to.be.greaterThan(1);
    }
    expect(page.faults).to.deep.equal([]);
  });

  it("imports a CSV file, takes the good row and names the bad one", async () => {
    const page = await shop.open();
    await signIn(page);
    await page.goto("/admin/imports");
    await page
      .getByLabel("CSV file")
      .setInputFiles({ name: "aprons.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await page.getByRole("button", { name: "Start the import" }).click();
    await page.getByText("Row 2, price").waitFor();
    await page.getByLabel("Trial run: check everything, change nothing").uncheck();
    await page.getByRole("button", { name: "Start the import" }).click();
    const result = page.getByRole("status");
    await result.getByText("Trial run").waitFor({ state: "detached" });
    await result.getByText("Finished").waitFor();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download the refused rows" }).click(),
    ]);
    expect(file.suggestedFilename()).to.equal("refused-rows.csv");
    expect(page.faults).to.deep.equal([]);
  });

  it("packs, ships and refunds an order", async () => {
    const id = await placeOrder();
    const page = await shop.open();
    await signIn(page);
    await page.goto(`/admin/orders/${id}`);
    await page.getByRole("button", { name: "Pack" }).click();
    await page.getByRole("button", { name: "Ship" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Ship" }).click();
    await page.getByRole("button", { name: "Refund" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Amount in GBP").fill("5");
    await dialog.getByLabel("Reason").fill("A scratch");
    await dialog.getByRole("button", { name: "Refund" }).click();
    await page.getByText(/Refunded: £5\.00/).waitFor();
    expect(page.faults).to.deep.equal([]);
  });

  /** A refund that the provider refused, as the process leaves it behind. */
  const failRefund = (orderId: string): void => {
    const database = new DatabaseSync(join(shop.store.dataDir, "orders.sqlite"));
    database
      .prepare(
        "insert into refunds (id, order_id, amount, lines, reason, status, return_id, at) values (?,?,?,?,?,?,?,?)",
      )
      .run(
        orderId.replace(/.$/, "0"),
        orderId,
        700,
        "[]",
        "Scratched",
        "failed",
        null,
        new Date().toISOString(),
      );
    database.close();
  };

  it("refunds from the stuck-money board, once however often it is pressed", async () => {
    const id = await placeOrder("stuck-order-0123456789-abcdef");
    const token = await shop.admin();
    await shop.store.http.post(`admin/orders/${id}/pack`, {}, { token });
    await shop.store.http.post(`admin/orders/${id}/ship`, {}, { token });
    failRefund(id);
    const page = await shop.open();
    await signIn(page);
    await page.goto("/admin/stuck");
    const button = page.getByRole("button", { name: "Refund it again" });
    for (let presses = 0; presses < 2; presses++) {
      await Promise.all([page.waitForResponse(/\/refund$/), button.click()]);
      await page.getByText("The refund is on its way.").first().waitFor();
    }
    const { body } = await shop.store.http.get<{ payment: { refunded: { amount: number } } }>(
      `admin/orders/${id}`,
      { token },
    );
    expect(body.payment.refunded.amount).to.equal(700);
    expect(page.faults).to.deep.equal([]);
  });

  it("shows who changed what", async () => {
    const page = await shop.open();
    await signIn(page);
    await page.goto("/admin/audit");
    await page
      .getByRole("cell", { name: /orders\./ })
      .first()
      .waitFor();
  });
});
