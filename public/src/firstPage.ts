import { parseQuery } from "vue-router";
import { askAhead } from "./api/index.ts";
import { filtersOf, listQuestion } from "./composables/listingFilters.ts";
import { currency } from "./stores/preferences.ts";

/** Asks for the first page's data while the page's own code is still on its way. */
export function askForFirstPage({ pathname, search }: Location): void {
  const [, kind, name] = /^\/([cp])\/([a-z0-9-]+)\/?$/.exec(pathname) ?? [];
  if (name === undefined) return;
  if (kind === "p") askAhead("GET /products/:idOrSlug", { idOrSlug: name, currency: currency.value });
  else askAhead("GET /products", listQuestion(filtersOf(parseQuery(search), name), currency.value));
}
