import { sampleCatalogue, type SampleProduct, type SampleVariant } from "../services/products/seed/index.ts";
import { departments, type Department } from "./departments.ts";
import { between, pick, seedAt, seeded, zipf, type Random } from "./random.ts";
import { vocabulary } from "./vocabulary.ts";

export { toCsv } from "./csv.ts";
export { generatedCategories } from "./departments.ts";

export interface GeneratorOptions {
  seed: number;
  count: number;
}

const VOCABULARY_SIZE = 20_000;
const BRANDS = 2_000;
const sizes = ["XS", "S", "M", "L", "XL"];
const colours = ["black", "white", "navy", "sand", "olive", "rust", "plum", "grey"];
const pictures = sampleCatalogue().products.map(({ images }) => images[0]?.url ?? "");

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const slugOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

/**
 * Products one by one, in flat memory: the same seed gives the same ones, whatever the count.
 * SKUs and slugs are distinct within a seed, and SKUs between seeds.
 */
export function* generateProducts({ seed, count }: GeneratorOptions): Generator<SampleProduct, void, void> {
  const productAt = productMaker(seed);
  for (let n = 0; n < count; n++) yield productAt(n);
}

/** Makes the n-th product of a seed without those before it. */
export function productMaker(seed: number): (n: number) => SampleProduct {
  const { words, draw, drawForName } = vocabulary(seed, VOCABULARY_SIZE);
  const brands = words.slice(-BRANDS).map(capital);
  const brand = zipf(BRANDS);
  const department = zipf(departments.length);

  return (n) => {
    const random = seeded(seedAt(seed, n));
    const [within, nouns] = departments[department(random)] as Department;
    const noun = pick(random, nouns);
    const name = [brands[brand(random)], capital(drawForName(random)), drawForName(random), noun].join(" ");
    const id = n.toString(36).padStart(4, "0");
    return {
      slug: `${slugOf(name)}-${id}`,
      name,
      description: sentences(random, draw, noun),
      categories: [slugOf(within)],
      images: [{ url: pick(random, pictures), alt: name }],
      ...variants(random, `G${seed.toString(36)}-${id}`.toUpperCase()),
    };
  };
}

function sentences(random: Random, draw: (random: Random) => string, noun: string): string {
  const one = (): string => {
    const words = Array.from({ length: between(random, 6, 14) }, () => draw(random));
    return `${capital(words.join(" "))}.`;
  };
  return [
    `The ${noun} ${draw(random)} ${draw(random)}.`,
    ...Array.from({ length: between(random, 2, 4) }, one),
  ].join(" ");
}

function variants(random: Random, sku: string): Pick<SampleProduct, "options" | "variants"> {
  const shape = random();
  const bySize = shape < 0.35 ? sizes.slice(between(random, 0, 2), between(random, 3, 5)) : [""];
  const byColour = shape < 0.12 || shape > 0.8 ? someColours(random, shape < 0.12 ? 2 : 4) : [""];
  const options = [...(bySize[0] ? ["size"] : []), ...(byColour[0] ? ["colour"] : [])];
  const prices = pricesOf(random);
  const rows = bySize.flatMap((size) => byColour.map((colour) => [size, colour].filter(Boolean)));
  return {
    options,
    variants: rows.slice(0, 9).map((values, i): SampleVariant => ({
      sku: `${sku}-${i + 1}`,
      name: values.join(" / "),
      options: Object.fromEntries(options.map((option, at) => [option, values[at] ?? ""])),
      prices,
      stock: stockOf(random),
    })),
  };
}

function someColours(random: Random, count: number): string[] {
  const first = between(random, 0, colours.length - 1);
  return Array.from(
    { length: between(random, 2, count) },
    (_, i) => colours[(first + i * 3) % colours.length] ?? "",
  );
}

/** From about 3 to 600 pounds, most near 35, all ending in 99 or 50. */
function pricesOf(random: Random): SampleVariant["prices"] {
  const bell = random() + random() + random() - 1.5;
  const pounds = Math.max(3, Math.round(35 * Math.exp(bell * 2)));
  const gbp = pounds * 100 - pick(random, [1, 1, 50]);
  return [
    { amount: gbp, currency: "GBP" },
    { amount: Math.round((gbp * 1.16) / 10) * 10, currency: "EUR" },
    { amount: Math.round((gbp * 1.27) / 10) * 10, currency: "USD" },
  ];
}

/** Units on hand: one variant in twelve is sold out, one in eight is low. */
function stockOf(random: Random): number {
  const luck = random();
  if (luck < 1 / 12) return 0;
  return luck < 5 / 24 ? between(random, 1, 5) : between(random, 6, 500);
}
