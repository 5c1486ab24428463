import type { Receiver } from "../../mixins/document-actions.ts";
import { documentStore } from "../../mixins/document-store.ts";
import type { DocumentActor } from "../../mixins/document-types.ts";
import { callsOf, type Catalogue, type ProductsActor } from "./products.actor.ts";
import { resizePicture } from "./products.pictures.ts";

/** Ids of one broadcast. */
const TOLD = 500;

/** The actor's collections, and what is told of their changes. */
export const catalogue = documentStore<Catalogue>({
  collections: {
    products: {
      entity: "product",
      hot: 10_000,
      indexes: { slug: { unique: "SLUG_TAKEN" }, "variants.sku": { unique: "SKU_TAKEN" }, categories: {} },
    },
    categories: { entity: "category", indexes: { slug: { unique: "SLUG_TAKEN" } } },
    reviews: {
      entity: "review",
      indexes: {
        by: { unique: "ALREADY_REVIEWED" },
        ofProduct: { unique: "ALREADY_REVIEWED" },
        productId: {},
        uncounted: {},
      },
    },
    imports: { entity: "import", indexes: { running: { unique: "IMPORT_RUNNING" } } },
    pictures: { entity: "picture", indexes: { hash: { unique: "PICTURE_EXISTS" } } },
    importErrors: { entity: "import", indexes: { part: { unique: "ALREADY_EXISTS" } } },
  },
  receives: { "products.pictureUploaded": resizePicture as Receiver<DocumentActor<Catalogue>> },
  changed(collection, ids) {
    if (collection !== "products") return;
    const calls = callsOf(this as ProductsActor);
    const unique = [...new Set(ids)];
    for (let start = 0; start < unique.length; start += TOLD)
      void calls.broadcast("products.touched", { ids: unique.slice(start, start + TOLD) });
  },
});
