import { product, type SampleProduct } from "./shape.ts";

const categories = ["coffee-and-tea"];

export const coffeeAndTea: SampleProduct[] = [
  product({
    slug: "cafe-creme-cup",
    name: "Café crème cup",
    description:
      "The thick-walled porcelain cup of a good Paris bar, made by the factory that still supplies them. It holds 18 cl and keeps it hot to the last sip. Sold with its saucer.",
    alt: "White porcelain cup full of black coffee",
    categories,
    options: ["set"],
    variants: [
      ["CUP-1", ["single"], [1400, 1600, 1700], 120],
      ["CUP-4", ["set of four"], [4900, 5700, 6200], 31],
    ],
  }),
  product({
    slug: "stoneware-teapot",
    name: "Stoneware teapot",
    description:
      "A round-bellied pot with a spout that does not dribble, whatever the angle. The steel basket inside holds enough leaves for six and lifts out when the brew is right. Glazed in Stoke-on-Trent.",
    alt: "Red round teapot",
    categories,
    options: ["colour", "capacity"],
    variants: [
      ["TPT-RED-08", ["poppy", "0.8 l"], [3900, 4500, 4900], 27],
      ["TPT-RED-12", ["poppy", "1.2 l"], [4500, 5200, 5700], 16],
      ["TPT-SLT-08", ["slate", "0.8 l"], [3900, 4500, 4900], 20],
      ["TPT-SLT-12", ["slate", "1.2 l"], [4500, 5200, 5700], 0],
    ],
  }),
  product({
    slug: "english-breakfast-tea",
    name: "English breakfast tea",
    description:
      "Second-flush Assam for strength, a little Kenyan for colour, and nothing else. Brisk enough for milk and round enough without. Packed in the week it is blended.",
    alt: "Steaming cup with the tag of a tea bag",
    categories,
    options: ["format"],
    variants: [
      ["EBT-L125", ["loose 125 g"], [850, 990, 1100], 140],
      ["EBT-L500", ["loose 500 g"], [2600, 2990, 3300], 44],
      ["EBT-B50", ["50 bags"], [950, 1100, 1200], 210],
    ],
  }),
  product({
    slug: "peppermint-tea",
    name: "Peppermint tea",
    description:
      "Whole leaves of black mitcham mint from one farm in Hampshire, dried slowly so the oil stays in. No caffeine, all aroma. A pinch makes a pot and the same pinch makes a second.",
    alt: "Sprig of green leaves",
    categories,
    options: ["weight"],
    variants: [
      ["PMT-50", ["50 g"], [690, 790, 890], 95],
      ["PMT-200", ["200 g"], [2200, 2500, 2800], 33],
    ],
  }),
  product({
    slug: "espresso-beans",
    name: "Espresso beans",
    description:
      "A blend of washed Colombian and natural Ethiopian lots: cocoa first, then ripe cherry. We roast on Tuesdays and post on Wednesdays. Decaf is made with mountain water, not solvent.",
    alt: "Three dark brown beans",
    categories,
    options: ["roast", "weight"],
    variants: [
      ["ESP-M-250", ["medium", "250 g"], [1050, 1200, 1350], 160],
      ["ESP-M-1K", ["medium", "1 kg"], [3400, 3900, 4300], 70],
      ["ESP-D-250", ["dark", "250 g"], [1050, 1200, 1350], 130],
      ["ESP-D-1K", ["dark", "1 kg"], [3400, 3900, 4300], 3],
      ["ESP-X-250", ["decaf", "250 g"], [1150, 1300, 1450], 48],
    ],
  }),
  product({
    slug: "yerba-mate-gourd",
    name: "Yerba mate gourd",
    description:
      "A hand-cured calabash with a steel rim and a bombilla that unscrews for washing. Season it with spent leaves for a day, then pass it around. No two have the same shape.",
    alt: "Round brown gourd with a straw",
    categories,
    options: [],
    variants: [["MTE-1", [], [3200, 3700, 3900], 15]],
  }),
  product({
    slug: "iced-coffee-tumbler",
    name: "Iced coffee tumbler",
    description:
      "Double walls hold ice for six hours without a ring on the desk. The lid closes over a reusable straw, and everything goes on the top rack. Fits car holders and bicycle cages.",
    alt: "Lidded cup with a red band and a straw",
    categories,
    options: ["size"],
    variants: [
      ["ICT-35", ["350 ml"], [2200, 2500, 2700], 66],
      ["ICT-50", ["500 ml"], [2500, 2900, 3100], 81],
    ],
  }),
  product({
    slug: "heather-honey",
    name: "Heather honey",
    description:
      "Set so thick that it must be pressed from the comb, with a scent of moorland in August. One keeper, forty hives, the hills above Braemar. The stoneware jar is yours to refill.",
    alt: "Clay pot with golden honey running over its rim",
    categories,
    options: ["weight"],
    variants: [
      ["HNY-340", ["340 g"], [1200, 1400, 1500], 54],
      ["HNY-1K", ["1 kg"], [3100, 3600, 3900], 0],
    ],
  }),
];
