import { randomBytes } from "node:crypto";
import type { InventoryItem } from "../../services/inventory/inventory.contract.ts";
import type { Client } from "../lib/client.ts";
import type { Retail } from "./invoices.ts";
import type { Placed } from "./place.ts";
import type { Returned } from "./returns.ts";

interface Page {
  data: InventoryItem[];
  page: { next: string | null };
}

/** Stock of every SKU, by pages. */
export async function readStock(
  client: Client,
  admin: Record<string, string>,
): Promise<Map<string, InventoryItem>> {
  const stock = new Map<string, InventoryItem>();
  for (let cursor: string | null = ""; cursor !== null;) {
    const path: string = `/admin/inventory?limit=100${cursor === "" ? "" : `&cursor=${cursor}`}`;
    const { data, page }: Page = await client.expect<Page>(200, { path, headers: admin });
    for (const item of data) stock.set(item.sku, item);
    cursor = page.next;
  }
  return stock;
}

/** Every SKU ends at opening - sold + returned. */
export function compareStock(
  retail: Retail,
  stock: Map<string, InventoryItem>,
  returned: Returned,
): string[] {
  return [...retail.articles.values()].flatMap(({ sku, sold }) => {
    const wanted = sold - sold + (returned.units.get(sku) ?? 0);
    const item = stock.get(sku);
    return item?.available === wanted
      ? []
      : [`${sku}: ${item?.available ?? "nothing"} left, should be ${wanted}`];
  });
}

/** The sum of the line totals at the imported prices, from the files and from the orders; in pence. */
export function compareRevenue(
  retail: Retail,
  placed: readonly Placed[],
): { ours: number; files: number; lines: number } {
  let files = 0;
  let lines = 0;
  for (const invoice of retail.invoices)
    for (const { sku, quantity } of invoice.lines) {
      files += (retail.articles.get(sku)?.price ?? 0) * quantity;
      lines += 1;
    }
  return { ours: placed.reduce((sum, { order }) => sum + order.subtotal.amount, 0), files, lines };
}

/** One unit more than what is left is refused, for every SKU. */
export async function oversell(
  client: Client,
  stock: Map<string, InventoryItem>,
  retail: Retail,
  progress: () => void,
): Promise<string[]> {
  const waiting = [...retail.articles.keys()];
  const wrong: string[] = [];
  const work = async () => {
    for (let sku = waiting.pop(); sku !== undefined; sku = waiting.pop()) {
      const quantity = (stock.get(sku)?.available ?? 0) + 1;
      const answer = await client.send<{ code: string }>({
        method: "POST",
        path: "/orders",
        headers: { "idempotency-key": randomBytes(18).toString("base64url") },
        body: {
          lines: [{ sku, quantity }],
          currency: "GBP",
          email: "one-too-many@example.com",
          shippingAddress: {
            name: "N",
            line1: "1 High Street",
            city: "Town",
            postalCode: "AB1 2CD",
            country: "GB",
          },
          shippingMethod: "standard",
          payment: { provider: "test", token: "tok_visa" },
        },
      });
      if (answer.status !== 409 || answer.body.code !== "OUT_OF_STOCK")
        wrong.push(`${quantity} of ${sku}: ${answer.status} instead of 409 OUT_OF_STOCK`);
      progress();
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return wrong;
}
