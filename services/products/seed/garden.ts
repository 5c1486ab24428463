import { product, type SampleProduct } from "./shape.ts";

const categories = ["garden"];

export const garden: SampleProduct[] = [
  product({
    slug: "potted-ficus",
    name: "Potted ficus",
    description:
      "A young fig of the kind that forgives: shade, dry air and a fortnight away do it no harm. It arrives in a clay pot with a saucer, packed so that no leaf is bent. Our nursery replaces any plant that sulks in its first month.",
    alt: "Green plant in a clay pot",
    categories,
    options: ["height"],
    variants: [
      ["FIC-30", ["30 cm"], [2400, 2800, 3000], 35],
      ["FIC-60", ["60 cm"], [4400, 5100, 5500], 11],
    ],
  }),
  product({
    slug: "saguaro-cactus",
    name: "Saguaro cactus",
    description:
      "A slow giant, sold at the age of seven and about as tall as a wine bottle. Give it sun, a sip of water each month and your grandchildren's address. Grown from seed, never dug in the wild.",
    alt: "Green cactus with two arms",
    categories,
    options: [],
    variants: [["CAC-1", [], [3600, 4200, 4500], 13]],
  }),
  product({
    slug: "sunflower-seeds",
    name: "Sunflower seeds",
    description:
      "Three kinds in one packet: a two-metre giant, a branching one for the vase and a dwarf for pots. Sow from April, and leave the heads standing for the goldfinches. Saved by hand from open-pollinated rows.",
    alt: "Sunflower in bloom",
    categories,
    options: ["packet"],
    variants: [
      ["SFS-20", ["20 seeds"], [350, 400, 450], 300],
      ["SFS-100", ["100 seeds"], [990, 1150, 1250], 90],
    ],
  }),
  product({
    slug: "tulip-bulbs",
    name: "Tulip bulbs",
    description:
      "Firm, top-size bulbs lifted in July near Lisse. Plant them late and deep, three times their own height, and they return for years. Each net holds one colour, so the beds are yours to compose.",
    alt: "Pink tulip",
    categories,
    options: ["colour", "net"],
    variants: [
      ["TUL-PNK-10", ["pink", "10 bulbs"], [690, 790, 890], 84],
      ["TUL-PNK-50", ["pink", "50 bulbs"], [2800, 3200, 3500], 22],
      ["TUL-WHT-10", ["white", "10 bulbs"], [690, 790, 890], 70],
      ["TUL-WHT-50", ["white", "50 bulbs"], [2800, 3200, 3500], 0],
      ["TUL-PLM-10", ["plum", "10 bulbs"], [750, 850, 950], 39],
    ],
  }),
  product({
    slug: "jalapeno-grow-kit",
    name: "Jalapeño grow kit",
    description:
      "Everything for a first harvest on a windowsill: seeds, peat-free compost, three coir pots and honest instructions. Fruit in about eighty days, green for salsa or red for smoke. Children may sow, adults should taste.",
    alt: "Red chilli with a green stalk",
    categories,
    options: [],
    variants: [["JAL-KIT", [], [1600, 1850, 1990], 47]],
  }),
  product({
    slug: "porcelain-wind-chime",
    name: "Porcelain wind chime",
    description:
      "A painted bell no bigger than an egg, with a strip of paper to catch the breeze. The note is soft enough for close neighbours. Made in Kyoto by a family that has done little else since 1924.",
    alt: "Pale blue bell with a paper strip hanging from it",
    categories,
    options: [],
    variants: [["WCH-1", [], [2700, 3100, 3400], 19]],
  }),
  product({
    slug: "garden-bucket",
    name: "Garden bucket",
    description:
      "Twelve litres of thick recycled polymer with a handle that does not bite when it is full. It shrugs off frost, lime and being sat on. Nests neatly, so buy the three.",
    alt: "Blue bucket with a handle",
    categories,
    options: ["set"],
    variants: [
      ["BKT-1", ["one"], [1400, 1600, 1750], 64],
      ["BKT-3", ["three"], [3600, 4200, 4500], 28],
    ],
  }),
  product({
    slug: "orchard-ladder",
    name: "Orchard ladder",
    description:
      "Ash rails and hickory rungs, wide at the foot so that it stands on grass. Light enough for one person, stiff enough for a basket of apples. Oil it each winter and hang it up with pride.",
    alt: "Brown wooden ladder",
    categories,
    options: ["height"],
    variants: [
      ["LAD-18", ["1.8 m"], [13900, 15900, 17500], 9],
      ["LAD-24", ["2.4 m"], [16900, 19500, 21500], 2],
    ],
  }),
];
