import { api, hasCode, type Answer } from "../api/index.ts";
import type { Holder } from "./cartChanges.ts";

type Merged = Answer<"POST /carts/:id/merge">;

const merge = ({ id, secret }: Holder): Promise<Merged> =>
  api("POST /carts/:id/merge", { id }, { secrets: { cart: secret } });

/**
 * What a guest gathered goes into the account's basket. Where that has another currency, it changes to the guest's: the
 * one in which its owner looks at the shop now.
 */
export async function mergeGuest(guest: Holder, currency: string): Promise<Merged> {
  try {
    return await merge(guest);
  } catch (error) {
    if (!hasCode(error, "CURRENCY_MISMATCH")) throw error;
  }
  const { id } = await api("GET /me/cart", {});
  const changed = await api("POST /carts/:id/currency", { id, currency });
  const merged = await merge(guest);
  return { ...merged, notices: [...changed.notices, ...merged.notices] };
}
