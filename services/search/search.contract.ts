import { Type } from "typebox";
import { defineContract } from "../../contract/define.ts";
import { Currency, Cursor, Id, Line, oneOf, page, paging, shape, Slug, Time } from "../../contract/shapes.ts";
import { CatalogueProduct, Product } from "../products/products.contract.ts";

const Amount = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 });
const Count = Type.Integer({ minimum: 0 });
const counted = shape({ value: Type.String(), count: Count });

/** Counts of one facet leave out its own filter. */
export const Facets = shape({
  categories: Type.Array(counted),
  options: Type.Record(Type.String(), Type.Array(counted)),
  /** Minor units; `max` is null in the last band. */
  price: Type.Array(shape({ min: Amount, max: Type.Union([Amount, Type.Null()]), count: Count })),
  inStock: Type.Array(shape({ value: Type.Boolean(), count: Count })),
  /** `value` stars and more. */
  rating: Type.Array(shape({ value: Type.Integer({ minimum: 1, maximum: 5 }), count: Count })),
});

export default defineContract("search", {
  actions: {
    products: {
      summary: "Products by text, filters and sort; `available` is at most 1 s old here",
      rest: "GET /products",
      fields: true,
      auth: "anyone",
      etag: "hash",
      sharedFor: 300,
      params: shape({
        ...paging,
        q: Type.Optional(Type.String({ maxLength: 200 })),
        category: Type.Optional(Slug),
        priceMin: Type.Optional(Amount),
        priceMax: Type.Optional(Amount),
        currency: Type.Optional(Currency),
        inStock: Type.Optional(Type.Boolean()),
        rating: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
        /** `option.size=M`; several values of one option are alternatives. */
        option: Type.Optional(
          Type.Record(Line(40), Type.Array(Line(80), { maxItems: 20 }), { maxProperties: 10 }),
        ),
        sort: Type.Optional(oneOf("relevance", "price", "-price", "newest", "name", "-rating")),
        facets: Type.Optional(Type.Boolean()),
      }),
      returns: shape({
        data: Type.Array(Product, { maxItems: 100 }),
        page: shape({ next: Type.Union([Cursor, Type.Null()]) }),
        /** Products that match, over all pages. */
        total: Count,
        facets: Type.Optional(Facets),
        didYouMean: Type.Optional(Type.String()),
      }),
      idempotent: "read",
      errors: { CURSOR_INVALID: 422, SEARCH_NOT_READY: 503 },
    },
    suggest: {
      summary: "Products and categories while typing",
      rest: "GET /search/suggest",
      auth: "anyone",
      sharedFor: 300,
      params: shape({
        q: Type.String({ maxLength: 200 }),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
        currency: Type.Optional(Currency),
      }),
      returns: shape({
        products: Type.Array(
          shape({ id: Id, slug: Slug, name: Type.String(), image: Type.Union([Type.String(), Type.Null()]) }),
        ),
        categories: Type.Array(shape({ slug: Slug, name: Type.String(), count: Count })),
        didYouMean: Type.Optional(Type.String()),
      }),
      idempotent: "read",
      errors: { SEARCH_NOT_READY: 503 },
    },
    addresses: {
      summary: "Addresses of what is sold, oldest first, for the sitemap",
      params: shape({ offset: Count, limit: Type.Integer({ minimum: 1, maximum: 500 }) }),
      returns: shape({ data: Type.Array(shape({ slug: Slug, updatedAt: Time })), total: Count }),
      idempotent: "read",
    },
    adminProducts: {
      summary: "The catalogue for staff: every status, by text",
      rest: "GET /admin/products",
      fields: true,
      auth: { permission: "catalog:read" },
      params: shape({
        ...paging,
        q: Type.Optional(Type.String({ maxLength: 200 })),
        category: Type.Optional(Slug),
        status: Type.Optional(oneOf("active", "draft", "archived")),
        sort: Type.Optional(oneOf("name", "-name", "updated", "-updated")),
      }),
      returns: page(CatalogueProduct),
      idempotent: "read",
      errors: { CURSOR_INVALID: 422, SEARCH_NOT_READY: 503 },
    },
    reindex: {
      summary: "Build a new index beside the old one on every search node and swap",
      rest: "POST /admin/search/reindex",
      auth: { permission: "cluster:write" },
      status: 202,
      params: shape({}),
      returns: shape({ started: Type.Boolean() }),
      idempotent: "keyed",
    },
    status: {
      summary: "State of this node's index: size, age and progress of a build",
      params: shape({}),
      returns: shape({
        ready: Type.Boolean(),
        products: Count,
        builtAt: Type.Union([Time, Type.Null()]),
        /** Milliseconds since the index last agreed with its sources. */
        age: Type.Integer(),
        bytes: Count,
        building: Type.Union([shape({ done: Count }), Type.Null()]),
      }),
      idempotent: "read",
    },
  },
  events: {
    /** Broadcast: every search node builds its index anew. */
    reindexAsked: { summary: "Somebody asked for new search indexes", payload: shape({}) },
  },
});
