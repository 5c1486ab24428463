import type { Caller } from "../../contract/implement.ts";
import type { DocumentActor, Stored } from "../../mixins/document-types.ts";
import type { Blobs } from "../../mixins/blobs.ts";
import type { Turns } from "../../mixins/document-turns.ts";
import type { CatalogueProduct, Category, Import, Review, UploadedPicture } from "./products.contract.ts";
import type { StockDesk } from "./products.stock.ts";

export type ProductDocument = CatalogueProduct;

/** Its id is its slug. */
export type CategoryDocument = Stored & Omit<Category, "version">;

export type ReviewDocument = Stored &
  Omit<Review, "version" | "at"> & {
    /** `productId|customerId`: one review per customer. */
    by: string;
    /** `productId|id`: a product's reviews in the order of their making. */
    ofProduct: string;
    /** Present until the product's rating counts it as it stands now. */
    uncounted?: "yes";
  };

export type ImportDocument = Stored &
  Omit<Import, "id"> & {
    /** Present on the one import that runs. */
    running?: "yes";
    /** Header of the file. */
    columns: string[];
    /** Account or API key that asked for it. */
    by: string;
  };

export interface RowError {
  row: number;
  column: string;
  message: string;
}
/** Refused rows of an import as they came. */
export type ImportErrorsDocument = Stored & {
  /** `importId|number`, in the order of the file. */
  part: string;
  rows: (RowError & { record: Record<string, string> })[];
};

export type PictureDocument = Stored &
  UploadedPicture & {
    /** Of the uploaded bytes. */
    hash: string;
  };

export interface Catalogue extends Record<string, Stored> {
  products: ProductDocument;
  categories: CategoryDocument;
  reviews: ReviewDocument;
  imports: ImportDocument;
  importErrors: ImportErrorsDocument;
  pictures: PictureDocument;
}

/** `this` of the products actor. */
export interface ProductsActor extends DocumentActor<Catalogue> {
  stock: StockDesk;
  /** Ratings in the making, by product. */
  ratings: Turns;
  /** Files of pictures. */
  blobs: Blobs;
  /** Pictures in the making, by id. */
  resizing: Turns;
  /** ISO 4217; of requests that name none. */
  currency: string;
  /** The import that this node works on. */
  importing: { id: string; ended: Promise<void>; stop: boolean } | undefined;
  timers: NodeJS.Timeout[];
}

/** Typed calls outside of any request. */
export const callsOf = (actor: ProductsActor): Caller => actor.broker;
