/** Minor units by currency. */
export type Prices = Readonly<Record<string, number>>;

export interface CountryRates {
  /** Basis points: 2000 is 20 %. */
  taxRate: number;
  /** Whether catalogue and shipping prices contain the tax. */
  taxIncluded: boolean;
  shipping: { standard: Prices; express: Prices };
  /** Working days, from and to. */
  days: { standard: readonly [number, number]; express: readonly [number, number] };
}

const home = {
  shipping: { standard: { GBP: 395, EUR: 495, USD: 495 }, express: { GBP: 695, EUR: 795, USD: 895 } },
  days: { standard: [2, 4], express: [1, 2] },
} as const;
const europe = {
  shipping: { standard: { GBP: 795, EUR: 895, USD: 995 }, express: { GBP: 1495, EUR: 1695, USD: 1895 } },
  days: { standard: [4, 7], express: [2, 3] },
} as const;
const world = {
  shipping: { standard: { GBP: 1295, EUR: 1495, USD: 1595 }, express: { GBP: 2495, EUR: 2895, USD: 3195 } },
  days: { standard: [7, 14], express: [3, 6] },
} as const;

/** Standard VAT of the European Union, in basis points. */
const union: Readonly<Record<string, number>> = {
  AT: 2000,
  BE: 2100,
  BG: 2000,
  CY: 1900,
  CZ: 2100,
  DE: 1900,
  DK: 2500,
  EE: 2400,
  ES: 2100,
  FI: 2550,
  FR: 2000,
  GR: 2400,
  HR: 2500,
  HU: 2700,
  IE: 2300,
  IT: 2200,
  LT: 2100,
  LU: 1700,
  LV: 2100,
  MT: 1800,
  NL: 2100,
  PL: 2300,
  PT: 2300,
  RO: 2100,
  SE: 2500,
  SI: 2200,
  SK: 2300,
};

/** The table by country; `*` is every other country: no tax is charged there. */
export const defaultRates: Readonly<Record<string, CountryRates>> = {
  GB: { taxRate: 2000, taxIncluded: true, ...home },
  ...Object.fromEntries(
    Object.entries(union).map(([country, taxRate]) => [country, { taxRate, taxIncluded: true, ...europe }]),
  ),
  CH: { taxRate: 810, taxIncluded: true, ...europe },
  NO: { taxRate: 2500, taxIncluded: false, ...europe },
  CA: { taxRate: 500, taxIncluded: false, ...world },
  "*": { taxRate: 0, taxIncluded: false, ...world },
};

/** Made when first asked: reading the table of names takes as long as opening a database. */
let names: Intl.DisplayNames | undefined;
const nameOf = (code: string): string | undefined =>
  (names ??= new Intl.DisplayNames("en", { type: "region", fallback: "none" })).of(code);
/** Codes that the table of names knows, but that no address uses. */
const noCountry = new Set(["UK", "EU", "EZ", "UN", "XA", "XB", "QO", "ZZ"]);
const isCountry = (code: string): boolean =>
  /^[A-Z]{2}$/.test(code) && !noCountry.has(code) && nameOf(code) !== undefined;

/** The rates of a country; undefined when nothing is shipped there, or no such country exists. */
export const ratesOf = (
  table: Readonly<Record<string, CountryRates>>,
  country: string,
): CountryRates | undefined =>
  Object.hasOwn(table, country) ? table[country] : isCountry(country) ? table["*"] : undefined;
