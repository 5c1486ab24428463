import { implement, type Ctx } from "../../contract/implement.ts";
import { contextOf } from "../../mixins/context.ts";
import { openBlobs } from "../../mixins/blobs.ts";
import { Turns } from "../../mixins/document-turns.ts";
import { callsOf, type ProductsActor } from "./products.actor.ts";
import { bulkPrices, bulkProducts } from "./products.bulk.ts";
import { categories, createCategory, removeCategory, updateCategory } from "./products.categories.ts";
import contract from "./products.contract.ts";
import { create } from "./products.create.ts";
import { productNotFound } from "./products.errors.ts";
import { exportProducts } from "./products.export.ts";
import { changedSince, changes, exists, get, resolve } from "./products.get.ts";
import { importErrors, imports, importStream, oneImport } from "./products.import-views.ts";
import { resumeImport, startImport } from "./products.import.ts";
import { catalogue } from "./products.model.ts";
import { picture, pictureFile, uploadPicture } from "./products.pictures.ts";
import { countAll } from "./products.ratings.ts";
import { addReview, adminReviews, moderateReview, reviews } from "./products.reviews.ts";
import { StockDesk } from "./products.stock.ts";
import { remove, update } from "./products.update.ts";
import { productOf } from "./products.view.ts";

/** Between two looks for reviews that a crash left uncounted; milliseconds. */
const COUNT_MS = 30_000;

export default implement<typeof contract, ProductsActor>(contract, {
  mixins: [catalogue],

  actions: {
    get,
    resolve,
    exists,
    changes,
    changedSince,

    async adminGet(ctx) {
      const document = await this.documents.products.get(ctx.params.id);
      if (!document) throw productNotFound();
      return productOf(document);
    },
    create,
    update,
    remove,

    categories,
    createCategory,
    updateCategory,
    removeCategory,

    reviews,
    addReview,
    adminReviews,
    moderateReview,

    uploadPicture,
    picture,
    pictureFile,
    bulkProducts,
    bulkPrices,

    startImport,
    imports,
    import: oneImport,
    importStream,
    importErrors,
    exportProducts,
  },

  events: {
    "products.touched"(ctx: Ctx<{ ids: string[] }>) {
      if (ctx.nodeID !== this.broker.nodeID) this.documents.products.forget(ctx.params.ids);
    },
  },

  created() {
    this.stock = new StockDesk(callsOf(this));
    this.ratings = new Turns();
    this.resizing = new Turns();
    this.currency = contextOf(this.broker).config.currency;
    this.timers = [];
  },

  async started() {
    const { dataDir, databaseUrls } = this.config;
    this.blobs = await openBlobs(dataDir, "products.pictureFiles", databaseUrls["products"]);
    const count = () => void countAll(this).catch((error: Error) => this.logger.debug(error.message));
    this.timers = [setInterval(count, COUNT_MS).unref()];
    count();
    await resumeImport(this);
  },

  async stopped() {
    this.timers.forEach(clearInterval);
    if (this.importing) this.importing.stop = true;
    await this.importing?.ended;
    await this.blobs?.close();
  },
});
