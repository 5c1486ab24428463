import { Type, type Static } from "typebox";
import { BulkResult, bulkParams } from "../../contract/bulk.ts";
import { defineContract } from "../../contract/define.ts";
import {
  Currency,
  exporting,
  Id,
  Line,
  Money,
  Nothing,
  oneOf,
  page,
  paging,
  Price,
  rowsPage,
  shape,
  Sku,
  Slug,
  Text,
  Time,
  Version,
} from "../../contract/shapes.ts";
import {
  Category,
  categoryEditable,
  Import,
  PictureUrl,
  Review,
  UploadedPicture,
} from "./products.shapes.ts";

export { Category, Import, Review, UploadedPicture } from "./products.shapes.ts";

const OptionName = Type.String({ minLength: 1, maxLength: 40, pattern: "^[a-z][a-z0-9 _-]*$" });
const Options = Type.Record(OptionName, Line(80), { maxProperties: 10 });
const Picture = shape({ url: PictureUrl, alt: Line(300, 0) });
/** Of units, or of reviews. */
const Count = Type.Integer({ minimum: 0 });
const Rating = shape({ average: Type.Number({ minimum: 0, maximum: 5 }), count: Count });

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
    shape({ sku: Sku, name: Line(200, 0), options: Options, price: Money, available: Count }),
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

const editable = {
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
const Offer = shape({
  sku: Sku,
  productId: Id,
  slug: Slug,
  name: Line(400),
  options: Options,
  image: Type.Union([PictureUrl, Type.Null()]),
  price: Money,
});
export type Offer = Static<typeof Offer>;

const catalogueWrite = { permission: "catalog:write" } as const;
const catalogueRead = { permission: "catalog:read" } as const;
const byId = { id: Id };

export default defineContract("products", {
  actions: {
    get: {
      summary: "One product by id or slug, its stock as inventory knows it now",
      rest: "GET /products/:idOrSlug",
      fields: true,
      auth: "anyone",
      etag: "hash",
      params: shape({ idOrSlug: Slug, currency: Type.Optional(Currency) }),
      returns: Product,
      idempotent: "read",
      errors: { PRODUCT_NOT_FOUND: 404, CURRENCY_NOT_OFFERED: 422 },
    },
    categories: {
      summary: "All categories, as a flat list in shop order",
      rest: "GET /categories",
      fields: true,
      auth: "anyone",
      etag: "hash",
      sharedFor: 300,
      params: shape({}),
      returns: shape({ data: Type.Array(Category) }),
      idempotent: "read",
    },
    reviews: {
      summary: "Published reviews, newest first",
      rest: "GET /products/:id/reviews",
      fields: true,
      auth: "anyone",
      params: shape({ ...byId, ...paging }),
      returns: page(Review),
      idempotent: "read",
      errors: { PRODUCT_NOT_FOUND: 404 },
    },
    addReview: {
      summary: "Review a product that one bought; once per customer",
      rest: "POST /products/:id/reviews",
      auth: "customer",
      status: 201,
      idempotencyKey: "optional",
      params: shape({
        ...byId,
        rating: Type.Integer({ minimum: 1, maximum: 5 }),
        title: Line(200),
        text: Text(5000),
      }),
      returns: Review,
      idempotent: "keyed",
      errors: { PRODUCT_NOT_FOUND: 404, NOT_BOUGHT: 403, ALREADY_REVIEWED: 409 },
    },

    adminGet: {
      summary: "One product with all prices",
      rest: "GET /admin/products/:id",
      fields: true,
      auth: catalogueRead,
      etag: "version",
      params: shape(byId),
      returns: CatalogueProduct,
      idempotent: "read",
      errors: { PRODUCT_NOT_FOUND: 404 },
    },
    create: {
      summary: "Create a product with its variants",
      rest: "POST /admin/products",
      auth: catalogueWrite,
      status: 201,
      etag: "version",
      idempotencyKey: "optional",
      params: shape(editable),
      returns: CatalogueProduct,
      idempotent: "keyed",
      errors: { SKU_TAKEN: 409, SLUG_TAKEN: 409, CATEGORY_NOT_FOUND: 422 },
    },
    update: {
      summary: "Change a product",
      rest: "PATCH /admin/products/:id",
      auth: catalogueWrite,
      etag: "version",
      ifMatch: "required",
      idempotencyKey: "optional",
      params: shape({ ...Type.Partial(shape(editable)).properties, ...byId }),
      returns: CatalogueProduct,
      idempotent: "keyed",
      errors: {
        PRODUCT_NOT_FOUND: 404,
        SKU_TAKEN: 409,
        SLUG_TAKEN: 409,
        CATEGORY_NOT_FOUND: 422,
        VERSION_MISMATCH: 412,
      },
    },
    remove: {
      summary: "Take a product out of the catalogue; orders keep what they sold",
      rest: "DELETE /admin/products/:id",
      auth: catalogueWrite,
      ifMatch: "required",
      params: shape(byId),
      returns: Nothing,
      idempotent: "keyed",
      errors: { PRODUCT_NOT_FOUND: 404, VERSION_MISMATCH: 412 },
    },
    createCategory: {
      summary: "Create a category",
      rest: "POST /admin/categories",
      auth: catalogueWrite,
      status: 201,
      etag: "version",
      idempotencyKey: "optional",
      params: shape({ ...categoryEditable, slug: Slug }),
      returns: Category,
      idempotent: "keyed",
      errors: { SLUG_TAKEN: 409, CATEGORY_NOT_FOUND: 422 },
    },
    updateCategory: {
      summary: "Change a category",
      rest: "PATCH /admin/categories/:slug",
      auth: catalogueWrite,
      etag: "version",
      ifMatch: "required",
      idempotencyKey: "optional",
      params: shape({ ...Type.Partial(shape(categoryEditable)).properties, slug: Slug }),
      returns: Category,
      idempotent: "keyed",
      errors: { CATEGORY_NOT_FOUND: [404, 422], VERSION_MISMATCH: 412 },
    },
    removeCategory: {
      summary: "Remove an empty category",
      rest: "DELETE /admin/categories/:slug",
      auth: catalogueWrite,
      ifMatch: "required",
      params: shape({ slug: Slug }),
      returns: Nothing,
      idempotent: "keyed",
      errors: { CATEGORY_NOT_FOUND: 404, CATEGORY_IN_USE: 409, VERSION_MISMATCH: 412 },
    },
    adminReviews: {
      summary: "All reviews, newest first",
      rest: "GET /admin/reviews",
      fields: true,
      auth: { permission: "reviews:write" },
      params: shape({
        ...paging,
        status: Type.Optional(oneOf("published", "hidden")),
        sort: Type.Optional(oneOf("at", "-at")),
      }),
      returns: page(Review),
      idempotent: "read",
    },
    moderateReview: {
      summary: "Show or hide a review",
      rest: "PATCH /admin/reviews/:id",
      auth: { permission: "reviews:write" },
      idempotencyKey: "optional",
      params: shape({ ...byId, status: oneOf("published", "hidden") }),
      returns: Review,
      idempotent: "keyed",
      errors: { REVIEW_NOT_FOUND: 404 },
    },
    bulkProducts: {
      summary: "Create or change up to 1,000 products by slug; each row is answered for itself",
      rest: "POST /admin/bulk/products",
      auth: catalogueWrite,
      body: "rows",
      row: ProductRow,
      params: bulkParams,
      returns: BulkResult,
      idempotent: "keyed",
      timeout: 30_000,
    },
    bulkPrices: {
      summary: "Set up to 1,000 prices by SKU and currency; each row is answered for itself",
      rest: "POST /admin/bulk/prices",
      auth: catalogueWrite,
      body: "rows",
      row: PriceRow,
      params: bulkParams,
      returns: BulkResult,
      idempotent: "keyed",
      timeout: 30_000,
    },

    uploadPicture: {
      summary:
        "Upload a picture: JPEG, PNG, WebP, AVIF or GIF, at most 15 MiB and 50 megapixels; a job makes webp files of it",
      rest: "POST /admin/pictures",
      auth: catalogueWrite,
      status: 202,
      body: "image",
      params: shape({}),
      returns: UploadedPicture,
      idempotent: false,
      timeout: 60_000,
      errors: { PICTURE_REFUSED: 422, PICTURE_TOO_LARGE: 422 },
    },
    picture: {
      summary: "An uploaded picture and how far its job is",
      rest: "GET /admin/pictures/:id",
      auth: catalogueRead,
      params: shape(byId),
      returns: UploadedPicture,
      idempotent: "read",
      errors: { PICTURE_NOT_FOUND: 404 },
    },

    startImport: {
      summary: "Import products from CSV (UTF-8, header row, one variant a row); a bad row fails alone",
      rest: "POST /admin/imports",
      auth: catalogueWrite,
      status: 202,
      body: "csv",
      params: shape({ dryRun: Type.Optional(Type.Boolean()) }),
      returns: Import,
      idempotent: false,
      /** The upload is read to its end before the answer. */
      timeout: 600_000,
      errors: { IMPORT_RUNNING: 409, CSV_HEADER_INVALID: 422 },
    },
    imports: {
      summary: "Imports, newest first",
      rest: "GET /admin/imports",
      auth: catalogueRead,
      params: shape(paging),
      returns: page(Import),
      idempotent: "read",
    },
    import: {
      summary: "One import and its progress",
      rest: "GET /admin/imports/:id",
      auth: catalogueRead,
      params: shape(byId),
      returns: Import,
      idempotent: "read",
      errors: { IMPORT_NOT_FOUND: 404 },
    },
    importStream: {
      summary: "Progress of an import, live",
      rest: "GET /admin/imports/:id/stream",
      auth: catalogueRead,
      answer: "sse",
      params: shape(byId),
      returns: Type.Unknown(),
      idempotent: "read",
      timeout: 0,
      errors: { IMPORT_NOT_FOUND: 404 },
    },
    importErrors: {
      summary: "Every refused row of an import as CSV",
      rest: "GET /admin/imports/:id/errors",
      auth: catalogueRead,
      answer: "csv",
      params: shape(byId),
      returns: Type.Unknown(),
      idempotent: "read",
      timeout: 60_000,
      errors: { IMPORT_NOT_FOUND: 404 },
    },
    exportProducts: {
      summary: "The catalogue, as CSV in the format of imports or as NDJSON of whole products",
      rest: "GET /admin/exports/products",
      auth: catalogueRead,
      answer: "rows",
      params: shape(exporting),
      returns: rowsPage(Type.Union([CatalogueProduct, Type.Record(Type.String(), Type.String())])),
      idempotent: "read",
      /** The first part of a CSV looks through the whole catalogue for its columns. */
      timeout: 60_000,
    },

    resolve: {
      summary:
        "Names and prices of SKUs in one currency; what is unknown, not active or has no such price is left out",
      params: shape({ skus: Type.Array(Sku, { maxItems: 1000 }), currency: Currency }),
      returns: Type.Array(Offer),
      idempotent: "read",
    },
    /** Pages in the order of (updatedAt, id); a removed product comes once with `removed`. */
    changes: {
      summary: "Products changed after a point, for indexes that are built from them",
      params: shape({
        after: Type.Optional(shape({ updatedAt: Time, id: Id })),
        limit: Type.Integer({ minimum: 1, maximum: 1000 }),
      }),
      returns: shape({
        data: Type.Array(
          Type.Union([CatalogueProduct, shape({ id: Id, removed: Type.Literal(true), updatedAt: Time })]),
        ),
      }),
      idempotent: "read",
      timeout: 10_000,
    },
    pictureFile: {
      summary: "The bytes of one file of a picture, as a stream; what lies under a name never changes",
      params: shape({ file: Type.String({ pattern: "^[0-9a-f]{32}-(400|800|1600)\\.webp$" }) }),
      returns: Type.Unknown(),
      idempotent: "read",
    },
    exists: {
      summary: "Which of these product ids are active",
      params: shape({ ids: Type.Array(Id, { maxItems: 1000 }) }),
      returns: Type.Array(Id),
      idempotent: "read",
    },
  },
  events: {
    /** For the actor itself: the job that makes the files. */
    pictureUploaded: {
      summary: "A picture waits to be made into its sizes",
      payload: shape({ id: Id, hash: Type.String() }),
    },
    changed: {
      summary: "A product was created, changed or removed",
      payload: shape({
        id: Id,
        slug: Slug,
        kind: oneOf("created", "updated", "removed"),
        version: Version,
        skus: Type.Array(Sku),
      }),
    },
    /** Best effort, broadcast: caches and indexes of every node take it; they catch up by `changes` when one is missed. */
    touched: { summary: "These products changed", payload: shape({ ids: Type.Array(Id) }) },
  },
  receives: ["products.pictureUploaded"],
});
