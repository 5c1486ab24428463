import { expect } from "chai";
import type { Page } from "playwright-core";
import { freshKey } from "../../helpers/shop.ts";
import { eventually } from "../../helpers/eventually.ts";
import type { Shop } from "./setup.ts";

/** What stands behind the `:id` of the back office's routes. */
export interface Filled {
  order: string;
  product: string;
  endpoint: string;
}

/** Something to see on every page of the back office. */
export async function fillOffice({ store, admin }: Shop): Promise<Filled> {
  const token = await admin();
  const post = async <T>(path: string, body: object): Promise<T> => {
    const answer = await store.http.post<T>(path, body, { token, key: freshKey() });
    expect(answer.status, path).to.be.below(300);
    return answer.body;
  };
  const order = await post<{ id: string }>("orders", {
    lines: [{ sku: "BWL-2", quantity: 2 }],
    currency: "GBP",
    email: "office@example.com",
    shippingAddress: { name: "Ada", line1: "1 High St", city: "London", postalCode: "N1", country: "GB" },
    shippingMethod: "standard",
    payment: { provider: "test", token: "tok_visa" },
  });
  for (const move of ["pack", "ship"]) await post(`admin/orders/${order.id}/${move}`, {});
  await post(`orders/${order.id}/returns`, { lines: [{ sku: "BWL-2", quantity: 1 }], reason: "A scratch" });
  await post("admin/coupons", { code: "SPRING", kind: "percent", value: 10 });
  await post("api-keys", { name: "Warehouse", scopes: ["orders:read", "inventory:write"] });
  const endpoint = await post<{ id: string }>("webhook-endpoints", { url: "http://127.0.0.1:9/hook" });
  await post(`webhook-endpoints/${endpoint.id}/test`, {});
  const { body } = await store.http.get<{ data: { id: string }[] }>("admin/products?q=bowl", { token });
  await eventually(
    async () => (await store.http.get<{ data: object[] }>("admin/mails", { token })).body.data.length,
  );
  return { order: order.id, product: body.data[0]?.id ?? "", endpoint: endpoint.id };
}

/** The page has its heading and nothing on it waits for an answer. */
export async function settled(page: Page): Promise<void> {
  await page.locator("main h1").filter({ hasText: /./ }).waitFor();
  await page.locator("main .skeleton, main [aria-busy=true]").first().waitFor({ state: "detached" });
}
