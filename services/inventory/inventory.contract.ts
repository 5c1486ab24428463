import { Type, type Static } from "typebox";
import { BulkResult, bulkParams } from "../../contract/bulk.ts";
import { wipeAction } from "../../contract/actor-actions.ts";
import { defineContract } from "../../contract/define.ts";
import {
  Empty,
  exporting,
  Id,
  Line,
  oneOf,
  page,
  paging,
  Quantity,
  rowsPage,
  shape,
  Sku,
  Time,
  Version,
} from "../../contract/shapes.ts";

const Units = Type.Integer({ minimum: 0, maximum: 9_007_199_254_740_991 });

export const InventoryItem = shape({
  sku: Sku,
  onHand: Units,
  reserved: Units,
  available: Units,
  version: Version,
});
export type InventoryItem = Static<typeof InventoryItem>;

/** `ship` and `restock` are written by orders; `receive` and `adjust` by staff and imports. */
export const Movement = shape({
  id: Id,
  sku: Sku,
  kind: oneOf("receive", "adjust", "ship", "restock"),
  /** Change of `onHand`: negative when units leave. */
  quantity: Type.Integer(),
  reason: Line(500, 0),
  orderId: Type.Optional(Id),
  at: Time,
  /** Account or API key id, or the name of the actor. */
  by: Type.String(),
});
export type Movement = Static<typeof Movement>;

/** Sorted or not, one entry per SKU: the caller sums lines of one SKU first. */
const Lines = Type.Array(shape({ sku: Sku, quantity: Quantity }), { minItems: 1, maxItems: 1000 });
const Available = shape({ sku: Sku, available: Units });

/** An event of inventory's log, by its number and id; `seq` 0 is the beginning. */
const LogPosition = shape({ seq: Type.Integer({ minimum: 0 }), id: Type.String({ maxLength: 36 }) });
export type LogPosition = Static<typeof LogPosition>;
/** How far a reader of `changes` has come: through all items up to `sku`, or in the log. */
const StockPosition = shape({ ...LogPosition.properties, sku: Type.Optional(Sku) });
export type StockPosition = Static<typeof StockPosition>;
const Changes = shape({ data: Type.Array(Available), next: StockPosition, more: Type.Boolean() });
export type Changes = Static<typeof Changes>;

/** One row of a bulk count; `version` refuses it when the stock has moved since. */
export const StockRow = shape({
  sku: Sku,
  onHand: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
  reason: Type.Optional(Line(500)),
  version: Type.Optional(Version),
});
export type StockRow = Static<typeof StockRow>;

export default defineContract("inventory", {
  actions: {
    wipe: wipeAction,
    list: {
      summary: "Stock of every SKU, by SKU",
      rest: "GET /admin/inventory",
      fields: true,
      auth: { permission: "inventory:read" },
      params: shape({
        ...paging,
        q: Type.Optional(Line(64)),
        lowerThan: Type.Optional(Units),
        sort: Type.Optional(oneOf("sku", "-sku")),
      }),
      returns: page(InventoryItem),
      idempotent: "read",
    },
    get: {
      summary: "Stock of one SKU",
      rest: "GET /admin/inventory/:sku",
      fields: true,
      auth: { permission: "inventory:read" },
      etag: "version",
      params: shape({ sku: Sku }),
      returns: InventoryItem,
      idempotent: "read",
      errors: { SKU_NOT_FOUND: 404 },
    },
    movements: {
      summary: "The ledger of one SKU, newest first",
      rest: "GET /admin/inventory/:sku/movements",
      fields: true,
      auth: { permission: "inventory:read" },
      params: shape({ ...paging, sku: Sku }),
      returns: page(Movement),
      idempotent: "read",
    },
    addMovement: {
      summary: "Receive units, or adjust a count; never below what is reserved",
      rest: "POST /admin/inventory/:sku/movements",
      auth: { permission: "inventory:write" },
      status: 201,
      idempotencyKey: "optional",
      params: shape({
        sku: Sku,
        kind: oneOf("receive", "adjust"),
        quantity: Type.Integer({ minimum: -1_000_000_000, maximum: 1_000_000_000 }),
        reason: Line(500),
      }),
      returns: Movement,
      idempotent: "keyed",
      errors: { SKU_NOT_FOUND: 404, STOCK_BELOW_RESERVED: 409 },
    },
    bulkStock: {
      summary: "Set what is on hand of up to 1,000 SKUs; each row is answered for itself",
      rest: "POST /admin/bulk/stock",
      auth: { permission: "inventory:write" },
      body: "rows",
      row: StockRow,
      params: bulkParams,
      returns: BulkResult,
      idempotent: "keyed",
      timeout: 30_000,
    },
    exportStock: {
      summary: "The stock of every SKU, as CSV or NDJSON",
      rest: "GET /admin/exports/stock",
      auth: { permission: "inventory:read" },
      answer: "rows",
      params: shape(exporting),
      returns: rowsPage(InventoryItem),
      idempotent: "read",
      timeout: 10_000,
    },

    available: {
      summary: "Units that may still be ordered; unknown SKUs are 0",
      params: shape({ skus: Type.Array(Sku, { maxItems: 1000 }) }),
      returns: Type.Array(Available),
      idempotent: "read",
    },
    /** Keyed by `orderId`: a repeat answers as the first did. All or nothing. */
    reserve: {
      summary:
        "Hold units for an order, for `ttlSeconds`; 409 OUT_OF_STOCK names each short SKU and what is left (`data.items`)",
      params: shape({
        orderId: Id,
        lines: Lines,
        ttlSeconds: Type.Integer({ minimum: 1, maximum: 604_800 }),
      }),
      returns: shape({ orderId: Id, expiresAt: Time }),
      idempotent: "keyed",
    },
    extend: {
      summary: "Hold the order's units until `ttlSeconds` from now; false when nothing is held any more",
      params: shape({ orderId: Id, ttlSeconds: Type.Integer({ minimum: 1, maximum: 604_800 }) }),
      returns: shape({ held: Type.Boolean() }),
      idempotent: "keyed",
    },
    /** Also closes the order for later holds: a reserve that arrives after its release is refused. */
    release: {
      summary: "Give the order's held units back",
      params: shape({ orderId: Id }),
      returns: shape({ released: Type.Boolean() }),
      idempotent: "keyed",
    },
    held: {
      summary: "Holds, the one whose time is over first",
      params: shape({ limit: Type.Integer({ minimum: 1, maximum: 1000 }) }),
      returns: Type.Array(shape({ orderId: Id, since: Time })),
      idempotent: "read",
    },
    ship: {
      summary: "Move the order's held units out of the house",
      params: shape({ orderId: Id }),
      returns: shape({ shipped: Type.Boolean() }),
      idempotent: "keyed",
    },
    /** Keyed by `returnId`. */
    restock: {
      summary: "Put returned units back on the shelf",
      params: shape({ orderId: Id, returnId: Id, lines: Lines }),
      returns: Empty,
      idempotent: "keyed",
    },
    /** Keyed by `key` and SKU: a repeated import sets nothing twice. Unknown SKUs are created. */
    setStock: {
      summary: "Set what is on hand, as counted (imports, seed)",
      params: shape({
        key: Line(100),
        reason: Line(500),
        items: Type.Array(shape({ sku: Sku, onHand: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }) }), {
          maxItems: 5000,
        }),
      }),
      returns: shape({ set: Type.Integer(), refused: Type.Array(shape({ sku: Sku, reserved: Units })) }),
      idempotent: "keyed",
      timeout: 30_000,
    },
    /** For the copies that search keeps: all items without `after`, then those that changed since. */
    changes: {
      summary: "What changed since",
      params: shape({
        after: Type.Optional(StockPosition),
        limit: Type.Integer({ minimum: 1, maximum: 5000 }),
      }),
      returns: Changes,
      idempotent: "read",
    },
  },
  events: {
    received: {
      summary: "Units came in or were recounted",
      payload: shape({ sku: Sku, quantity: Type.Integer(), onHand: Units, reserved: Units }),
    },
    reserved: { summary: "Units are held for an order", payload: shape({ orderId: Id, lines: Lines }) },
    released: { summary: "A hold ended without shipping", payload: shape({ orderId: Id, lines: Lines }) },
    shipped: { summary: "Held units left the house", payload: shape({ orderId: Id, lines: Lines }) },
    restocked: {
      summary: "Returned units are back on the shelf",
      payload: shape({ orderId: Id, returnId: Id, lines: Lines }),
    },
    /** Best effort, at most each 200 ms: copies of `available` take it; they catch up by `changes` when one is missed. */
    stockChanged: { summary: "Available units changed", payload: shape({ items: Type.Array(Available) }) },
  },
  /** New SKUs of the catalogue start with nothing on hand. */
  receives: ["products.changed"],
});
