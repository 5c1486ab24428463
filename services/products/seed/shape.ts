import type { Money } from "../../../contract/shapes.ts";

export interface SampleVariant {
  sku: string;
  /** The option values; empty for the only variant of a product. */
  name: string;
  options: Record<string, string>;
  prices: Money[];
  /** Units on hand when the store opens. */
  stock: number;
}

export interface SampleProduct {
  slug: string;
  name: string;
  description: string;
  categories: string[];
  images: { url: string; alt: string }[];
  options: string[];
  variants: SampleVariant[];
}

export interface SampleCategory {
  slug: string;
  name: string;
  description: string;
  parent?: string;
  picture: string;
}

export interface SampleCatalogue {
  categories: SampleCategory[];
  products: SampleProduct[];
}

/** Minor units in pounds, euros and dollars. */
type Prices = [gbp: number, eur: number, usd: number];
type VariantRow = [sku: string, optionValues: string[], prices: Prices, stock: number];

interface Given extends Omit<SampleProduct, "images" | "variants"> {
  /** What the picture shows, for who cannot see it. */
  alt: string;
  variants: VariantRow[];
}

export const pictureOf = (slug: string): string => `/pictures/${slug}.svg`;

export function money([gbp, eur, usd]: Prices): Money[] {
  return [
    { amount: gbp, currency: "GBP" },
    { amount: eur, currency: "EUR" },
    { amount: usd, currency: "USD" },
  ];
}

/** Writes a product out in full: rows carry option values in the order of `options`. */
export function product({ alt, variants, ...rest }: Given): SampleProduct {
  return {
    ...rest,
    images: [{ url: pictureOf(rest.slug), alt }],
    variants: variants.map(([sku, values, prices, stock]) => ({
      sku,
      name: values.join(" / "),
      options: Object.fromEntries(rest.options.map((option, i) => [option, valueAt(values, i, sku)])),
      prices: money(prices),
      stock,
    })),
  };
}

function valueAt(values: string[], index: number, sku: string): string {
  const value = values[index];
  if (value === undefined) throw new Error(`${sku} has ${values.length} option values, too few`);
  return value;
}
