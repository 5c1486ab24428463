import type { Category, Product } from "../api/index.ts";
import { minorDigits, toMajor } from "../composables/useFormat.ts";
import type { Answers } from "./answers.ts";

type Words = (key: string) => string;
type Address = (path: string) => string;
const context = "https://schema.org";

/** What search engines read of a page (schema.org as JSON-LD). */
export function structuredData(facts: Answers, address: Address, t: Words): object[] {
  if (facts.name === "home") return [website(address)];
  const { product, category } = facts;
  if (product) return [productData(product, address), crumbs(trailOf(product, facts), address, t)];
  return category ? [crumbs(above(category, facts), address, t)] : [];
}

const website = (address: Address): object => ({
  "@context": context,
  "@type": "WebSite",
  name: "Valence",
  url: address("/"),
  potentialAction: {
    "@type": "SearchAction",
    target: { "@type": "EntryPoint", urlTemplate: `${address("/search")}?q={search_term_string}` },
    "query-input": "required name=search_term_string",
  },
});

function productData(product: Product, address: Address): object {
  const { name, description, images, variants, rating } = product;
  const url = address(`/p/${product.slug}`);
  return {
    "@context": context,
    "@type": "Product",
    name,
    description,
    url,
    productID: product.id,
    ...(variants[0] && { sku: variants[0].sku }),
    image: images.map((image) => address(image.url)),
    brand: { "@type": "Brand", name: "Valence" },
    offers: variants.map((variant) => offer(variant, url)),
    ...(rating.count > 0 && {
      aggregateRating: {
        "@type": "AggregateRating",
        ratingValue: rating.average,
        reviewCount: rating.count,
      },
    }),
  };
}

function offer({ sku, name, price, available }: Product["variants"][number], url: string): object {
  const { amount, currency } = price;
  return {
    "@type": "Offer",
    sku,
    ...(name && { name }),
    url,
    price: toMajor(amount, currency).toFixed(minorDigits(currency)),
    priceCurrency: currency,
    availability: `${context}/${available > 0 ? "InStock" : "OutOfStock"}`,
    itemCondition: `${context}/NewCondition`,
  };
}

interface Crumb {
  name: string;
  path: string;
}

function crumbs(trail: Crumb[], address: Address, t: Words): object {
  const all = [{ name: t("nav.home"), path: "/" }, ...trail];
  return {
    "@context": context,
    "@type": "BreadcrumbList",
    itemListElement: all.map(({ name, path }, index) => ({
      "@type": "ListItem",
      position: index + 1,
      name,
      item: address(path),
    })),
  };
}

const crumbOf = ({ name, slug }: Category): Crumb => ({ name, path: `/c/${slug}` });

function above(category: Category, { categories }: Answers): Crumb[] {
  const parent = categories.find(({ slug }) => slug === category.parent);
  return [...(parent ? [crumbOf(parent)] : []), crumbOf(category)];
}

function trailOf(product: Product, { categories }: Answers): Crumb[] {
  const within = product.categories.flatMap((slug) => categories.find((one) => one.slug === slug) ?? []);
  return [...within.map(crumbOf), { name: product.name, path: `/p/${product.slug}` }];
}
