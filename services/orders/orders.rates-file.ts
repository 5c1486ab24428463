import { readFileSync } from "node:fs";
import { Type, type Static } from "typebox";
import { findErrors } from "../../contract/json-schema.ts";
import { shape } from "../../contract/shapes.ts";
import type { Config } from "../../config/config.ts";
import { defaultRates, type CountryRates } from "./orders.rates.ts";

const Key = Type.String({ pattern: "^([A-Z]{2}|\\*)$" });
const Method = shape({
  /** Minor units by currency. */
  price: Type.Record(Type.String({ pattern: "^[A-Z]{3}$" }), Type.Integer({ minimum: 0 })),
  /** Working days, from and to. */
  days: Type.Unsafe<[number, number]>(Type.Array(Type.Integer({ minimum: 0 }), { minItems: 2, maxItems: 2 })),
});
/** `TAX_TABLE`: basis points, and whether prices contain the tax. */
const TaxTable = Type.Record(
  Key,
  shape({ rate: Type.Integer({ minimum: 0, maximum: 10_000 }), included: Type.Boolean() }),
);
/** `SHIPPING_TABLE`: the two methods of each country. */
const ShippingTable = Type.Record(Key, shape({ standard: Method, express: Method }));

function read<T extends typeof TaxTable | typeof ShippingTable>(
  variable: string,
  file: string,
  table: T,
): Static<T> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Error(
      `${variable}: ${file} cannot be read as JSON; give a file as docs/configuration.md shows it.`,
    );
  }
  const [wrong] = findErrors(table, content) ?? [];
  if (wrong)
    throw new Error(
      `${variable}: ${wrong.pointer || "the file"} ${wrong.message}; see docs/configuration.md.`,
    );
  return content as Static<T>;
}

const builtInTax = (): Static<typeof TaxTable> =>
  Object.fromEntries(
    Object.entries(defaultRates).map(([country, { taxRate, taxIncluded }]) => [
      country,
      { rate: taxRate, included: taxIncluded },
    ]),
  );

const builtInShipping = (): Static<typeof ShippingTable> =>
  Object.fromEntries(
    Object.entries(defaultRates).map(([country, { shipping, days }]) => [
      country,
      {
        standard: { price: { ...shipping.standard }, days: [...days.standard] as [number, number] },
        express: { price: { ...shipping.express }, days: [...days.express] as [number, number] },
      },
    ]),
  );

/**
 * The table by country that the configuration asks for: the built-in one, or the files. A country is served when both tables know
 * it, by its own row or by `*`.
 */
export function ratesFrom(
  config: Pick<Config, "taxTable" | "shippingTable">,
): Readonly<Record<string, CountryRates>> {
  const { taxTable, shippingTable } = config;
  if (taxTable === undefined && shippingTable === undefined) return defaultRates;
  const tax = taxTable === undefined ? builtInTax() : read("TAX_TABLE", taxTable, TaxTable);
  const ways =
    shippingTable === undefined ? builtInShipping() : read("SHIPPING_TABLE", shippingTable, ShippingTable);
  const countries = new Set([...Object.keys(tax), ...Object.keys(ways)]);
  return Object.fromEntries(
    [...countries].flatMap((country) => {
      const rate = tax[country] ?? tax["*"];
      const way = ways[country] ?? ways["*"];
      if (!rate || !way) return [];
      const shipping = { standard: way.standard.price, express: way.express.price };
      const days = { standard: way.standard.days, express: way.express.days };
      return [[country, { taxRate: rate.rate, taxIncluded: rate.included, shipping, days }]];
    }),
  );
}
