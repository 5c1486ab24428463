import { categories } from "./categories.ts";
import { clothing } from "./clothing.ts";
import { coffeeAndTea } from "./coffee-and-tea.ts";
import { garden } from "./garden.ts";
import { home } from "./home.ts";
import { kitchen } from "./kitchen.ts";
import { outdoor } from "./outdoor.ts";
import type { SampleCatalogue } from "./shape.ts";
import { shoes } from "./shoes.ts";
import { stationery } from "./stationery.ts";
import { travelAndBags } from "./travel-and-bags.ts";

export type { SampleCatalogue, SampleCategory, SampleProduct, SampleVariant } from "./shape.ts";

/** What an empty store opens with: categories in shop order, parents first, and their products. */
export function sampleCatalogue(): SampleCatalogue {
  return {
    categories,
    products: [
      ...kitchen,
      ...coffeeAndTea,
      ...home,
      ...garden,
      ...stationery,
      ...travelAndBags,
      ...outdoor,
      ...clothing,
      ...shoes,
    ],
  };
}
