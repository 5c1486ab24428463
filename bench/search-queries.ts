import { generatedCategories } from "./generator.ts";
import { between, pick, type Random } from "./random.ts";
import type { SearchSource } from "./search-source.ts";

export type Params = Record<string, unknown>;

/** Queries as shoppers make them, by kind, over `count` generated products. */
export function queriesFor(
  source: SearchSource,
  count: number,
  random: Random,
): Record<string, () => Params> {
  const words = () => {
    const name = source.nameOf(between(random, 0, count - 1));
    return name.toLowerCase().split(" ");
  };
  const misspelt = (word: string) => {
    const at = between(random, 1, Math.max(1, word.length - 2));
    return word.slice(0, at) + word.slice(at + 1);
  };
  const filters = (): Params => ({
    ...(random() < 0.7 && { category: pick(random, generatedCategories()).slug }),
    ...(random() < 0.3 && { priceMin: 1000, priceMax: between(random, 2000, 9000) }),
    ...(random() < 0.2 && { option: { size: ["M"] } }),
    ...(random() < 0.2 && { inStock: true }),
    sort: pick(random, ["relevance", "price", "-price", "newest", "name", "-rating"]),
  });
  return {
    "one word": () => ({ q: pick(random, words()) }),
    "two words": () => ({ q: words().slice(-2).join(" ") }),
    prefix: () => ({ q: `${words()[1]} ${(words()[3] ?? "").slice(0, 3)}` }),
    "short prefix": () => ({ q: pick(random, words()).slice(0, between(random, 1, 3)) }),
    misspelt: () => ({ q: misspelt(words()[0] ?? "") }),
    "list, filters": filters,
    "list, facets": () => ({ ...filters(), facets: true }),
    "text, facets": () => ({ q: words()[3], ...filters(), facets: true }),
  };
}

/** The query string of such a query. */
export function queryString(params: Params): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (name !== "option") query.set(name, String(value));
    else
      for (const [option, values] of Object.entries(value as Record<string, string[]>))
        for (const each of values) query.append(`option.${option}`, each);
  }
  return query.toString();
}
