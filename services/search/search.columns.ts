import type { CatalogueProduct } from "../products/products.contract.ts";
import { Order } from "./search.order.ts";
import { wordsOf } from "./search.words.ts";

/** Stars that a product without reviews is thought to have, and how many reviews outweigh that. */
const EXPECTED_STARS = 3.5;
const EXPECTED_REVIEWS = 5;

interface Values {
  name: string;
  created: number;
  updated: number;
  rating: number;
  reviews: number;
  best: number;
}

const valuesOf = (product: CatalogueProduct): Values => {
  const { average, count } = product.rating;
  return {
    name: wordsOf(product.name).join(" "),
    created: Date.parse(product.createdAt),
    updated: Date.parse(product.updatedAt),
    rating: average,
    reviews: count,
    best: (average * count + EXPECTED_STARS * EXPECTED_REVIEWS) / (count + EXPECTED_REVIEWS),
  };
};

const fields = ["name", "created", "updated", "rating", "reviews", "best"] as const;
type SortName = "name" | "newest" | "updated" | "rating" | "best";

/** What lists are sorted by, one array per value and one order per sort. */
export class Columns {
  readonly id: string[] = [];
  readonly version: number[] = [];
  readonly name: string[] = [];
  readonly created: number[] = [];
  readonly updated: number[] = [];
  readonly rating: number[] = [];
  readonly reviews: number[] = [];
  /** Words of the name. */
  readonly words: number[] = [];
  /** Rating weighted by the number of reviews, 0 to 5. */
  readonly best: number[] = [];
  readonly orders: Readonly<Record<SortName, Order>>;
  readonly #waiting = new Map<Order, number[]>();

  constructor() {
    this.orders = {
      name: new Order(this.name, this.id),
      newest: new Order(this.created, this.id),
      updated: new Order(this.updated, this.id),
      rating: new Order(this.rating, this.reviews, this.id),
      best: new Order(this.best, this.created, this.id),
    };
  }

  /** Writes the row's values; `settle` must follow before the next read. */
  put(row: number, product: CatalogueProduct, known: boolean): void {
    const values = valuesOf(product);
    const changed = fields.filter((field) => !known || this[field][row] !== values[field]);
    const moving = (Object.keys(sortedBy) as SortName[]).filter(
      (sort) => !known || sortedBy[sort].some((field) => changed.includes(field)),
    );
    for (const sort of moving) {
      if (known) this.orders[sort].remove(row);
      this.wait(this.orders[sort], row);
    }
    for (const field of fields) (this[field] as (string | number)[])[row] = values[field];
    this.id[row] = product.id;
    this.version[row] = product.version;
    this.words[row] = values.name.split(" ").length;
  }

  /** Notes that the row is to be put into the order by `settle`. */
  wait(order: Order, row: number): void {
    const rows = this.#waiting.get(order);
    if (rows) rows.push(row);
    else this.#waiting.set(order, [row]);
  }

  /** Puts the written rows into their places. */
  settle(): void {
    for (const [order, rows] of this.#waiting) order.insert(rows);
    this.#waiting.clear();
  }

  remove(row: number): void {
    for (const order of Object.values(this.orders)) order.remove(row);
  }
}

const sortedBy: Record<SortName, readonly (typeof fields)[number][]> = {
  name: ["name"],
  newest: ["created"],
  updated: ["updated"],
  rating: ["rating", "reviews"],
  best: ["best", "created"],
};
