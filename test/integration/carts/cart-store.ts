import type { Meta } from "../../../contract/meta.ts";
import type { CartsActor } from "../../../services/carts/carts.actor.ts";
import type { ActionMap } from "../../../services/contracts.ts";
import type { Offer } from "../../../services/products/products.contract.ts";
import { standIns } from "../../helpers/stand-ins.ts";
import { startStore, type StoreOptions, type TestStore } from "../../helpers/store.ts";

const productId = "0198c0de-0000-7000-8000-000000000001";

export interface CartStore extends TestStore {
  /** Minor units by SKU, the same in every currency; change it to change the catalogue. */
  prices: Record<string, number>;
  /** Currencies in which a SKU is sold, where it is not all. */
  soldIn: Record<string, readonly string[]>;
  /** Runs while the catalogue is asked. */
  meanwhile: { run?: (() => Promise<unknown>) | undefined };
  /** Units on the shelf by SKU. */
  shelf: Record<string, number>;
}

/** Carts and orders over a catalogue and a shelf of the test's own. */
export async function startCartStore(options: StoreOptions = {}): Promise<CartStore> {
  const prices: Record<string, number> = { MUG: 1250, TEA: 499, RARE: 9900 };
  const shelf: Record<string, number> = { MUG: 100, TEA: 1_000_000, RARE: 3 };
  const meanwhile: CartStore["meanwhile"] = {};
  const soldIn: Record<string, readonly string[]> = {};
  const isSold = (sku: string, currency: string): boolean =>
    sku in prices && (soldIn[sku]?.includes(currency) ?? true);
  const offer = (sku: string, amount: number, currency: string): Offer => ({
    sku,
    productId,
    slug: sku.toLowerCase(),
    name: `Thing ${sku}`,
    options: {},
    image: null,
    price: { amount, currency },
  });
  const extra = standIns({
    "products.resolve": async ({ params: { skus, currency } }) => {
      const { run } = meanwhile;
      meanwhile.run = undefined;
      await run?.();
      return skus.flatMap((sku) =>
        isSold(sku, currency) ? [offer(sku, prices[sku] as number, currency)] : [],
      );
    },
    "inventory.available": ({ params }) => params.skus.map((sku) => ({ sku, available: shelf[sku] ?? 0 })),
    "inventory.reserve": ({ params }) => ({ orderId: params.orderId, expiresAt: new Date().toISOString() }),
    "inventory.extend": () => ({ held: true }),
    "payments.authorize": ({ params: { orderId, amount, provider, token } }) => ({
      id: orderId,
      orderId,
      provider,
      status: token === "tok_3ds" ? "requires_action" : "authorized",
      amount,
      captured: { ...amount, amount: 0 },
      refunded: { ...amount, amount: 0 },
      failure: null,
      createdAt: new Date().toISOString(),
      version: 1,
    }),
  });
  const store = await startStore({ services: ["carts", "orders"], ...options, extra });
  return { ...store, prices, soldIn, meanwhile, shelf };
}

export type OpenedCart = ActionMap["carts.create"]["returns"];

/** A guest's cart and the meta that holds it. */
export async function aGuestCart(store: TestStore): Promise<{ id: string; cart: OpenedCart; meta: Meta }> {
  const cart = await store.call("carts.create", { currency: "GBP" });
  return { id: cart.id, cart, meta: { cartSecret: cart.secret } };
}

/** Single rows that carts read outside of transactions while `work` runs. */
export async function readsOf(
  { store: { read } }: CartsActor,
  work: () => Promise<unknown>,
): Promise<number> {
  const get = read.get.bind(read);
  let reads = 0;
  read.get = (statement) => {
    reads += 1;
    return get(statement);
  };
  try {
    await work();
  } finally {
    read.get = get;
  }
  return reads;
}
