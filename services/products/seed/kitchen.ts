import { product, type SampleProduct } from "./shape.ts";

const categories = ["kitchen"];

export const kitchen: SampleProduct[] = [
  product({
    slug: "chefs-knife",
    name: "Chef's knife",
    description:
      "Forged from one bar of high-carbon steel and ground thin enough to fall through a ripe plum. The indigo handle is weighted so that the balance sits right where you pinch the blade. Sharpen it once a month and it will outlive your kitchen.",
    alt: "Knife with a wide steel blade and a dark blue handle",
    categories,
    options: ["blade"],
    variants: [
      ["KNF-16", ["16 cm"], [5900, 6900, 7400], 34],
      ["KNF-20", ["20 cm"], [6900, 7900, 8600], 52],
      ["KNF-24", ["24 cm"], [7900, 9200, 9900], 4],
    ],
  }),
  product({
    slug: "saute-pan",
    name: "Sauté pan",
    description:
      "Straight sides, a heavy base and a surface that lets go of eggs without a drop of oil. It moves from hob to oven up to 240 °C. We coat it without PFAS and recoat it for a small fee when it has had enough breakfasts.",
    alt: "Dark round pan with a fried egg in it",
    categories,
    options: ["size"],
    variants: [
      ["PAN-20", ["20 cm"], [4200, 4900, 5400], 41],
      ["PAN-24", ["24 cm"], [4900, 5800, 6200], 63],
      ["PAN-28", ["28 cm"], [5900, 6900, 7400], 0],
    ],
  }),
  product({
    slug: "enamelled-casserole",
    name: "Enamelled casserole",
    description:
      "Cast iron under three layers of enamel, for stews that want four hours and no attention. The lid is dimpled inside, so steam drips back evenly over the meat. Works on every hob, induction included.",
    alt: "Two-handled pot filled with vegetable stew",
    categories,
    options: ["capacity", "colour"],
    variants: [
      ["CAS-3-CH", ["3 l", "chalk"], [11900, 13900, 14900], 18],
      ["CAS-3-RU", ["3 l", "rust"], [11900, 13900, 14900], 9],
      ["CAS-5-CH", ["5 l", "chalk"], [15900, 18500, 19900], 12],
      ["CAS-5-RU", ["5 l", "rust"], [15900, 18500, 19900], 2],
    ],
  }),
  product({
    slug: "mixing-bowl",
    name: "Mixing bowl",
    description:
      "A deep glazed bowl with a silicone foot that grips the worktop while you whisk. Marks inside show half litres, and the lip pours batter without a trail. The spoon comes with it.",
    alt: "Deep blue bowl with a spoon in it",
    categories,
    options: ["capacity"],
    variants: [
      ["BWL-2", ["2 l"], [2400, 2800, 2900], 75],
      ["BWL-4", ["4 l"], [3200, 3800, 3900], 48],
    ],
  }),
  product({
    slug: "lacquered-chopsticks",
    name: "Lacquered chopsticks",
    description:
      "Slim bamboo under five layers of natural urushi, finished by hand in Wajima. The tips are left matt, so noodles stay where you put them. Five pairs in a paulownia box.",
    alt: "A pair of red chopsticks",
    categories,
    options: ["colour"],
    variants: [
      ["CHP-RED", ["red"], [2800, 3300, 3500], 40],
      ["CHP-BLK", ["black"], [2800, 3300, 3500], 5],
    ],
  }),
  product({
    slug: "cutlery-set",
    name: "Cutlery set",
    description:
      "Place settings for four or six in brushed 18/10 steel with a soft, rounded spine. Heavy in the hand and plain enough for every table. Dishwasher proof for as long as you own a dishwasher.",
    alt: "Steel fork and knife side by side",
    categories,
    options: ["pieces"],
    variants: [
      ["CUT-16", ["16"], [8900, 10500, 11500], 22],
      ["CUT-24", ["24"], [12900, 14900, 16500], 14],
    ],
  }),
  product({
    slug: "bento-lunch-box",
    name: "Bento lunch box",
    description:
      "Two tiers and a movable divider keep rice, pickles and something sweet apart until noon. The lid seals with one band and doubles as a plate. Free of plastic wherever it touches food.",
    alt: "Dark lunch box with rice, shrimp and greens",
    categories,
    options: ["size"],
    variants: [
      ["BEN-S", ["600 ml"], [2600, 2900, 3200], 58],
      ["BEN-L", ["900 ml"], [3100, 3600, 3900], 37],
    ],
  }),
  product({
    slug: "creme-brulee-dishes",
    name: "Crème brûlée dishes",
    description:
      "Four shallow porcelain ramekins, wide enough for a proper sheet of burnt sugar. They take a blowtorch, a freezer and a grill in any order. A card with our custard ratio is in the box.",
    alt: "Custard dessert on a small plate",
    categories,
    options: [],
    variants: [["CBD-4", [], [2900, 3400, 3600], 26]],
  }),
];
