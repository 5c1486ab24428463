import { api, type Cart } from "../api/index.ts";

/** What a basket is known by: a guest's by a secret that this browser keeps. */
export interface Holder {
  id: string;
  secret?: string;
}

/** The changes of a basket; `change` opens one where there is none, and keeps what the shop answers. */
export function cartChanges(change: (run: (holder: Holder) => Promise<Cart>) => Promise<void>) {
  const secrets = ({ secret }: Holder) => ({ secrets: { cart: secret } });
  return {
    add: (sku: string, quantity: number) =>
      change((of) =>
        api(
          "POST /carts/:id/lines",
          { id: of.id, sku, quantity },
          { ...secrets(of), key: crypto.randomUUID() },
        ),
      ),
    setQuantity: (sku: string, quantity: number) =>
      change((of) => api("PATCH /carts/:id/lines/:sku", { id: of.id, sku, quantity }, secrets(of))),
    remove: (sku: string) =>
      change((of) => api("DELETE /carts/:id/lines/:sku", { id: of.id, sku }, secrets(of))),
    applyCoupon: (code: string) =>
      change((of) => api("POST /carts/:id/coupon", { id: of.id, code }, secrets(of))),
    removeCoupon: () => change((of) => api("DELETE /carts/:id/coupon", { id: of.id }, secrets(of))),
    update: (facts: Pick<Partial<Cart>, "country" | "postalCode" | "shippingMethod" | "email">) =>
      change((of) => api("PATCH /carts/:id", { id: of.id, ...facts }, secrets(of))),
  };
}
