import type { ActionMap } from "../../../services/contracts.ts";
import type { Answers } from "../../helpers/stand-ins.ts";
import { standIns } from "../../helpers/stand-ins.ts";
import { mongoUrl, newDatabase } from "../document-store/catalogue.ts";
import { startStore, type StoreOptions, type TestStore } from "../../helpers/store.ts";

type NewProduct = ActionMap["products.create"]["params"];

export const aMug = (more: Partial<NewProduct> = {}): NewProduct => ({
  name: "Tea mug",
  description: "Holds tea.",
  variants: [
    {
      sku: "MUG-S",
      name: "small",
      options: { size: "small" },
      prices: [
        { amount: 900, currency: "GBP" },
        { amount: 1000, currency: "EUR" },
      ],
    },
    { sku: "MUG-L", name: "large", options: { size: "large" }, prices: [{ amount: 1200, currency: "GBP" }] },
  ],
  ...more,
});

/** A product with one variant. */
export const aThing = (sku: string, more: Partial<NewProduct> = {}): NewProduct => ({
  name: `Thing ${sku}`,
  variants: [{ sku, name: "", options: {}, prices: [{ amount: 500, currency: "GBP" }] }],
  ...more,
});

export const customerId = (n: number): string =>
  `0198c0de-0000-7000-8000-0000000001${String(n).padStart(2, "0")}`;

const user = (id: string): ActionMap["users.me"]["returns"] => ({
  id,
  email: "ada@example.com",
  emailVerified: true,
  name: "Ada King Lovelace",
  role: "customer",
  disabled: false,
  createdAt: "2026-01-01T00:00:00.000Z",
  version: 1,
});

/** Where the catalogue is kept: on MongoDB when there is one to try. */
export const place = async (): Promise<Record<string, string>> =>
  mongoUrl === undefined ? {} : { PRODUCTS_DB_URL: await newDatabase() };

/** The catalogue and its stock; who bought what is the test's to say. */
export const startCatalogue = async (answers: Answers = {}, options: StoreOptions = {}): Promise<TestStore> =>
  startStore({
    env: await place(),
    services: ["products", "inventory"],
    extra: standIns({
      "orders.hasBought": () => true,
      "users.me": (ctx) => user(ctx.meta.caller?.id ?? ""),
      ...answers,
    }),
    ...options,
  });
