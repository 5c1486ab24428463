export type QueryKind = "exact" | "misspelt" | "prefix" | "plural" | "order" | "diacritics" | "case";

export interface SearchQuery {
  query: string;
  /** The sample product that must come first. */
  slug: string;
  kind: QueryKind;
}

const rows: Record<QueryKind, [query: string, slug: string][]> = {
  exact: [
    ["umbrella", "storm-umbrella"],
    ["fountain pen", "fountain-pen"],
    ["running shoes", "running-shoes"],
    ["espresso", "espresso-beans"],
    ["world map", "world-map"],
    ["chef's knife", "chefs-knife"],
    ["t-shirt", "organic-t-shirt"],
    ["backpack", "canvas-backpack"],
  ],
  misspelt: [
    ["umbrela", "storm-umbrella"],
    ["runing shoes", "running-shoes"],
    ["runnning shoes", "running-shoes"],
    ["bycicle", "city-bicycle"],
    ["bicyle", "city-bicycle"],
    ["expresso", "espresso-beans"],
    ["bakcpack", "canvas-backpack"],
    ["suitcse", "cabin-suitcase"],
    ["compas", "brass-compass"],
    ["telescpoe", "stargazer-telescope"],
    ["skatebord", "maple-skateboard"],
    ["notebok", "confetti-notebook"],
    ["sicssors", "paper-scissors"],
    ["watercolor", "watercolour-palette"],
    ["pepermint", "peppermint-tea"],
    ["caserole", "enamelled-casserole"],
    ["chopstiks", "lacquered-chopsticks"],
    ["sunglases", "polarised-sunglasses"],
    ["briefcace", "office-briefcase"],
    ["snorkle", "snorkel-set"],
    ["terracota", "terracotta-vase"],
    ["candel", "beeswax-candle"],
  ],
  prefix: [
    ["umb", "storm-umbrella"],
    ["runn", "running-shoes"],
    ["teles", "stargazer-telescope"],
    ["skateb", "maple-skateboard"],
    ["suitc", "cabin-suitcase"],
    ["pepperm", "peppermint-tea"],
    ["sunfl", "sunflower-seeds"],
    ["lambs", "lambswool-scarf"],
    ["bento lu", "bento-lunch-box"],
    ["alarm cl", "alarm-clock"],
    ["hiking bo", "hiking-boots"],
    ["fountain p", "fountain-pen"],
  ],
  plural: [
    ["tents", "trekking-tent"],
    ["umbrellas", "storm-umbrella"],
    ["running shoe", "running-shoes"],
    ["hiking boot", "hiking-boots"],
    ["scarves", "lambswool-scarf"],
    ["knives", "chefs-knife"],
    ["glove", "merino-gloves"],
    ["sock", "striped-socks"],
    ["dresses", "linen-dress"],
    ["candles", "beeswax-candle"],
    ["tulip bulb", "tulip-bulbs"],
    ["coats", "camel-coat"],
    ["teapots", "stoneware-teapot"],
    ["pencil", "graphite-pencils"],
    ["sandal", "beach-sandals"],
  ],
  order: [
    ["shoes running", "running-shoes"],
    ["boots hiking", "hiking-boots"],
    ["clock alarm", "alarm-clock"],
    ["map world", "world-map"],
    ["pen fountain", "fountain-pen"],
    ["sofa two-seat", "two-seat-sofa"],
    ["coffee iced", "iced-coffee-tumbler"],
    ["chime wind", "porcelain-wind-chime"],
    ["honey heather", "heather-honey"],
    ["lunch bento", "bento-lunch-box"],
  ],
  diacritics: [
    ["cafe creme", "cafe-creme-cup"],
    ["café crème", "cafe-creme-cup"],
    ["saute pan", "saute-pan"],
    ["sauté", "saute-pan"],
    ["creme brulee", "creme-brulee-dishes"],
    ["jalapeno", "jalapeno-grow-kit"],
    ["jalapen\u0303o", "jalapeno-grow-kit"],
    ["yerba maté", "yerba-mate-gourd"],
  ],
  case: [
    ["UMBRELLA", "storm-umbrella"],
    ["  Selvedge   JEANS ", "selvedge-jeans"],
    ["Jalapeño", "jalapeno-grow-kit"],
  ],
};

/** Queries that the sample catalogue answers in one way only, each with the product that must come first. */
export const searchQueries: SearchQuery[] = Object.entries(rows).flatMap(([kind, pairs]) =>
  pairs.map(([query, slug]) => ({ query, slug, kind: kind as QueryKind })),
);
