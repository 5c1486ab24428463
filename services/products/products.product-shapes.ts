import { Type, type Static } from "typebox";
import {
  Id,
  Line,
  Money,
  oneOf,
  Price,
  shape,
  Sku,
  Slug,
  Text,
  Time,
  Version,
} from "../../contract/shapes.ts";
import { PictureUrl } from "./products.shapes.ts";

const OptionName = Type.String({ minLength: 1, maxLength: 40, pattern: "^[a-z][a-z0-9 _-]*$" });
const Options = Type.Record(OptionName, Line(80), { maxProperties: 10 });
const Picture = shape({ url: PictureUrl, alt: Line(300, 0) });
const Rating = shape({
  average: Type.Number({ minimum: 0, maximum: 5 }),
  count: Type.Integer({ minimum: 0 }),
});
const Available = Type.Integer({ minimum: 0 });

/** What shoppers see: prices in one currency. `available` is 0 when sold out. */
export const Product = shape({
  id: Id,
  slug: Slug,
  name: Line(200),
  description: Text(10_000),
  categories: Type.Array(Slug),
  images: Type.Array(Picture),
  options: Type.Array(OptionName),
  variants: Type.Array(
    shape({ sku: Sku, name: Line(200, 0), options: Options, price: Money, available: Available }),
  ),
  rating: Rating,
  createdAt: Time,
  updatedAt: Time,
  version: Version,
});
export type Product = Static<typeof Product>;

const Status = oneOf("active", "draft", "archived");
const Variant = shape({
  sku: Sku,
  name: Line(200, 0),
  options: Options,
  prices: Type.Array(Price, { minItems: 1, maxItems: 20 }),
});

/** What the catalogue keeps: every price, every status. */
export const CatalogueProduct = shape({
  id: Id,
  slug: Slug,
  name: Line(200),
  description: Text(10_000),
  categories: Type.Array(Slug),
  images: Type.Array(Picture),
  options: Type.Array(OptionName),
  variants: Type.Array(Variant),
  status: Status,
  rating: Rating,
  createdAt: Time,
  updatedAt: Time,
  version: Version,
});
export type CatalogueProduct = Static<typeof CatalogueProduct>;

export const editable = {
  name: Line(200),
  slug: Type.Optional(Slug),
  description: Type.Optional(Text(10_000)),
  categories: Type.Optional(Type.Array(Slug, { maxItems: 20, uniqueItems: true })),
  images: Type.Optional(Type.Array(Picture, { maxItems: 30 })),
  options: Type.Optional(Type.Array(OptionName, { maxItems: 10, uniqueItems: true })),
  variants: Type.Array(Variant, { minItems: 1, maxItems: 1000 }),
  status: Type.Optional(Status),
};

/** One row of a bulk change, known by its slug; what it does not name stays. A new product needs a name and variants. */
export const ProductRow = shape({
  ...Type.Partial(shape(editable)).properties,
  slug: Slug,
  version: Type.Optional(Version),
});
export type ProductRow = Static<typeof ProductRow>;

/** One price of one SKU; its prices in other currencies stay. */
export const PriceRow = shape({ sku: Sku, price: Price });
export type PriceRow = Static<typeof PriceRow>;

/** A SKU as carts and orders need it; sold products only. */
export const Offer = shape({
  sku: Sku,
  productId: Id,
  slug: Slug,
  name: Line(400),
  options: Options,
  image: Type.Union([PictureUrl, Type.Null()]),
  price: Money,
});
export type Offer = Static<typeof Offer>;
