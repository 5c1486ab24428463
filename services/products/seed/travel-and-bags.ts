import { product, type SampleProduct } from "./shape.ts";

const categories = ["travel-and-bags"];

export const travelAndBags: SampleProduct[] = [
  product({
    slug: "canvas-backpack",
    name: "Canvas backpack",
    description:
      "Waxed cotton outside, a padded sleeve for a 15-inch laptop inside, and a front pocket you can open without looking. The straps are stitched through, not glued. Twenty-two litres: a day, or a very disciplined weekend.",
    alt: "Raspberry-red backpack with a front pocket",
    categories,
    options: ["colour"],
    variants: [
      ["BPK-RSP", ["raspberry"], [7900, 9200, 9900], 31],
      ["BPK-MOS", ["moss"], [7900, 9200, 9900], 25],
      ["BPK-INK", ["ink"], [7900, 9200, 9900], 0],
    ],
  }),
  product({
    slug: "cabin-suitcase",
    name: "Cabin suitcase",
    description:
      "Within the limits of every airline we know, with a ribbed shell that flexes rather than cracks. The wheels are replaced with one coin and no tools. Straps inside hold a suit flat, more or less.",
    alt: "Blue suitcase with an extended handle",
    categories,
    options: ["colour"],
    variants: [
      ["SUI-BLU", ["ocean"], [14900, 17500, 18900], 20],
      ["SUI-GRA", ["graphite"], [14900, 17500, 18900], 14],
    ],
  }),
  product({
    slug: "leather-handbag",
    name: "Leather handbag",
    description:
      "Vegetable-tanned hide that darkens with every trip, lined with striped cotton. A magnetic clasp, one inner pocket with a zip, and feet of brass so that it never touches the floor. Numbered by the saddler who made it.",
    alt: "Brown and cream handbag",
    categories,
    options: [],
    variants: [["HBG-1", [], [22900, 26500, 28900], 7]],
  }),
  product({
    slug: "office-briefcase",
    name: "Office briefcase",
    description:
      "Slim enough for the underground, wide enough for a laptop and a sandwich. Two compartments, a lock with a brass key, and a handle wrapped by hand. It looks better after its first decade.",
    alt: "Dark brown briefcase",
    categories,
    options: [],
    variants: [["BRF-1", [], [19900, 22900, 24900], 10]],
  }),
  product({
    slug: "clasp-purse",
    name: "Clasp purse",
    description:
      "A kiss-lock frame that closes with a click you can hear across a bakery. The velvet body holds coins, keys and one folded note. Small, cheerful and hard to lose.",
    alt: "Red purse with a golden clasp",
    categories,
    options: ["colour"],
    variants: [
      ["PRS-RED", ["cherry"], [1900, 2200, 2400], 55],
      ["PRS-NVY", ["navy"], [1900, 2200, 2400], 32],
    ],
  }),
  product({
    slug: "storm-umbrella",
    name: "Storm umbrella",
    description:
      "Eight fibreglass ribs that turn inside out and back again without complaint. The violet canopy is woven from recycled bottles and dries in minutes. Tested in a wind tunnel, then on Westminster Bridge.",
    alt: "Open violet umbrella",
    categories,
    options: ["length"],
    variants: [
      ["UMB-COM", ["compact"], [3200, 3700, 3990], 49],
      ["UMB-FUL", ["full"], [4200, 4900, 5300], 23],
    ],
  }),
  product({
    slug: "world-map",
    name: "World map",
    description:
      "Printed on cotton paper in eleven inks, with every border checked last spring. It folds to the size of a book or hangs as a poster. A sheet of gold dots marks where you have been.",
    alt: "Folded map of the world",
    categories,
    options: ["format"],
    variants: [
      ["MAP-FLD", ["folded"], [1600, 1850, 1990], 68],
      ["MAP-ROL", ["rolled"], [2400, 2800, 2990], 36],
    ],
  }),
  product({
    slug: "polarised-sunglasses",
    name: "Polarised sunglasses",
    description:
      "Lenses that take the glare off water and leave the colours alone, in a frame of plant-based acetate. Five-barrel hinges, spare screws in the case. Opticians can fit them with your prescription.",
    alt: "Dark violet sunglasses",
    categories,
    options: ["frame"],
    variants: [
      ["SGL-PLM", ["plum"], [8900, 10300, 11200], 27],
      ["SGL-TRT", ["tortoise"], [8900, 10300, 11200], 1],
    ],
  }),
];
