import type { ActionMap } from "../contracts.ts";
import type {
  CategoryDocument,
  ImportDocument,
  PictureDocument,
  ProductDocument,
  ReviewDocument,
} from "./products.actor.ts";
import type {
  CatalogueProduct,
  Category,
  Import,
  Product,
  Review,
  UploadedPicture,
} from "./products.contract.ts";

type Offer = ActionMap["products.resolve"]["returns"][number];
type Priced = Omit<Product, "variants"> & { variants: Omit<Product["variants"][number], "available">[] };

/** A product document never changes, so what shoppers see of it is worked out once for each currency. */
const priced = new WeakMap<ProductDocument, Map<string, Priced | undefined>>();

function pricedIn(document: ProductDocument, currency: string): Priced | undefined {
  const views = priced.get(document) ?? new Map<string, Priced | undefined>();
  priced.set(document, views);
  if (!views.has(currency)) views.set(currency, priceIn(document, currency));
  return views.get(currency);
}

function priceIn({ status: _, ...document }: ProductDocument, currency: string): Priced | undefined {
  const variants = document.variants.flatMap(({ prices, ...variant }) => {
    const price = prices.find((one) => one.currency === currency);
    return price ? [{ ...variant, price }] : [];
  });
  return variants.length === 0 ? undefined : { ...document, variants };
}

/** What shoppers see in one currency; variants without such a price are left out, undefined when none is left. */
export function productView(
  document: ProductDocument,
  currency: string,
  available: ReadonlyMap<string, number>,
): Product | undefined {
  const view = pricedIn(document, currency);
  return (
    view && {
      ...view,
      variants: view.variants.map((variant) => ({ ...variant, available: available.get(variant.sku) ?? 0 })),
    }
  );
}

/** One SKU as carts and orders need it; undefined when it has no price in the currency. */
export function offerOf(document: ProductDocument, sku: string, currency: string): Offer | undefined {
  const variant = document.variants.find((one) => one.sku === sku);
  const price = variant?.prices.find((one) => one.currency === currency);
  if (!variant || !price) return undefined;
  return {
    sku,
    productId: document.id,
    slug: document.slug,
    name: variant.name === "" ? document.name : `${document.name}, ${variant.name}`,
    options: variant.options,
    image: document.images[0]?.url ?? null,
    price,
  };
}

/** A copy that whoever gets it may change. */
export const productOf = (document: ProductDocument): CatalogueProduct => ({ ...document });

export const categoryOf = ({
  id: _,
  createdAt: __,
  updatedAt: ___,
  ...category
}: CategoryDocument): Category => category;

export const reviewOf = ({
  by: _,
  ofProduct: __,
  uncounted: ___,
  createdAt: at,
  updatedAt: ____,
  ...review
}: ReviewDocument): Review => ({ ...review, at });

export const importOf = ({
  running: _,
  columns: __,
  by: ___,
  createdAt: ____,
  updatedAt: _____,
  version: ______,
  ...view
}: ImportDocument): Import => view;

export const pictureOf = ({
  hash: _,
  updatedAt: __,
  version: ___,
  ...view
}: PictureDocument): UploadedPicture => view;
