import { product, type SampleProduct } from "./shape.ts";

const categories = ["outdoor"];

export const outdoor: SampleProduct[] = [
  product({
    slug: "trekking-tent",
    name: "Trekking tent",
    description:
      "Pitches in four minutes, in the dark, in the rain: we timed it. Two doors mean nobody climbs over anybody, and the porch keeps boots dry. Poles, pegs and a repair sleeve are in the sack.",
    alt: "Green tent under a crescent moon",
    categories,
    options: ["sleeps"],
    variants: [
      ["TNT-2", ["2"], [21900, 25500, 27900], 16],
      ["TNT-3", ["3"], [27900, 31900, 34900], 9],
      ["TNT-4", ["4"], [33900, 38900, 42900], 0],
    ],
  }),
  product({
    slug: "brass-compass",
    name: "Brass compass",
    description:
      "A jewelled needle that settles in three seconds, floating in oil behind bevelled glass. The ring turns with gloves on. No battery, no signal, no excuses.",
    alt: "Golden compass with a red and white needle",
    categories,
    options: [],
    variants: [["CPS-1", [], [3900, 4500, 4900], 37]],
  }),
  product({
    slug: "camping-torch",
    name: "Camping torch",
    description:
      "From a reading glow to 900 lumens with one turn of the head. It charges by USB-C, floats, and survives a drop from a chairlift. A lanyard and a diffuser for the tent are included.",
    alt: "Grey torch with a yellow beam",
    categories,
    options: [],
    variants: [["TRC-900", [], [4500, 5200, 5600], 62]],
  }),
  product({
    slug: "stargazer-telescope",
    name: "Stargazer telescope",
    description:
      "Seventy millimetres of coated glass: enough for the rings of Saturn and the seas of the Moon. The tripod stands firm on gravel, and the finder points where you look. Comes with a chart for each season.",
    alt: "Telescope on a tripod",
    categories,
    options: [],
    variants: [["TEL-70", [], [18900, 21900, 23900], 4]],
  }),
  product({
    slug: "snorkel-set",
    name: "Snorkel set",
    description:
      "A wide mask of tempered glass and a dry-top tube that closes when a wave comes over. The skirt is soft silicone and seals on narrow and broad faces alike. Packs into its own mesh bag.",
    alt: "Diving mask with a red snorkel",
    categories,
    options: ["fit"],
    variants: [
      ["SNK-JR", ["junior"], [2900, 3400, 3600], 24],
      ["SNK-AD", ["adult"], [3600, 4200, 4500], 43],
    ],
  }),
  product({
    slug: "diamond-kite",
    name: "Diamond kite",
    description:
      "Ripstop nylon in four colours on a carbon cross, with a tail that can be seen from the next village. Rises in a breeze that barely moves the grass. Ready to fly, with 60 metres of line on a winder.",
    alt: "Colourful kite with a bow on its tail",
    categories,
    options: [],
    variants: [["KTE-1", [], [2400, 2800, 2990], 53]],
  }),
  product({
    slug: "maple-skateboard",
    name: "Maple skateboard",
    description:
      "Seven plies of Canadian maple pressed in pairs, so both decks from a mould share the same pop. The trucks turn without wobbling and the wheels are soft enough for old pavements. Grip tape is on, bearings are packed, the rest is yours.",
    alt: "Violet skateboard with pink wheels",
    categories,
    options: ["width"],
    variants: [
      ["SKB-78", ["7.8 in"], [6900, 7900, 8700], 18],
      ["SKB-80", ["8.0 in"], [6900, 7900, 8700], 26],
      ["SKB-85", ["8.5 in"], [7200, 8300, 8990], 0],
    ],
  }),
  product({
    slug: "city-bicycle",
    name: "City bicycle",
    description:
      "An upright steel frame with a belt instead of a chain: no oil, no noise, no stained trousers. Eight gears sit sealed inside the hub, and the lights run off the wheel. Arrives nine tenths built, with the one spanner you need.",
    alt: "Red bicycle",
    categories,
    options: ["frame"],
    variants: [
      ["BIC-S", ["small"], [89000, 103000, 112000], 5],
      ["BIC-M", ["medium"], [89000, 103000, 112000], 8],
      ["BIC-L", ["large"], [89000, 103000, 112000], 3],
    ],
  }),
];
