import { product, type SampleProduct } from "./shape.ts";

const categories = ["clothing"];

export const clothing: SampleProduct[] = [
  product({
    slug: "organic-t-shirt",
    name: "Organic T-shirt",
    description:
      "Heavy jersey from long-staple cotton, washed before it is cut so that it stays the size you bought. The collar keeps its shape, the side seams stay at the sides. Knitted and sewn within twenty miles of Porto.",
    alt: "Pale green T-shirt",
    categories,
    options: ["colour", "size"],
    variants: [
      ["TEE-GRN-S", ["sage", "S"], [2800, 3200, 3500], 60],
      ["TEE-GRN-M", ["sage", "M"], [2800, 3200, 3500], 85],
      ["TEE-GRN-L", ["sage", "L"], [2800, 3200, 3500], 72],
      ["TEE-WHT-S", ["white", "S"], [2800, 3200, 3500], 44],
      ["TEE-WHT-M", ["white", "M"], [2800, 3200, 3500], 0],
      ["TEE-WHT-L", ["white", "L"], [2800, 3200, 3500], 39],
      ["TEE-NVY-S", ["navy", "S"], [2800, 3200, 3500], 28],
      ["TEE-NVY-M", ["navy", "M"], [2800, 3200, 3500], 57],
      ["TEE-NVY-L", ["navy", "L"], [2800, 3200, 3500], 3],
    ],
  }),
  product({
    slug: "selvedge-jeans",
    name: "Selvedge jeans",
    description:
      "Fourteen-ounce denim from a shuttle loom in Okayama, dyed with indigo that fades to your habits. A straight leg, a rise you can sit in, copper rivets where they matter. Free repairs for life.",
    alt: "Blue jeans",
    categories,
    options: ["waist", "leg"],
    variants: [
      ["JNS-30-32", ["30", "32"], [12900, 14900, 16500], 13],
      ["JNS-32-32", ["32", "32"], [12900, 14900, 16500], 24],
      ["JNS-32-34", ["32", "34"], [12900, 14900, 16500], 19],
      ["JNS-34-32", ["34", "32"], [12900, 14900, 16500], 0],
      ["JNS-34-34", ["34", "34"], [12900, 14900, 16500], 15],
      ["JNS-36-34", ["36", "34"], [12900, 14900, 16500], 7],
    ],
  }),
  product({
    slug: "camel-coat",
    name: "Camel coat",
    description:
      "Double-faced wool with a tenth of cashmere, unlined because the cloth is that good. Wide lapels, deep pockets, buttons of real horn. Warm at zero degrees and smart at dinner.",
    alt: "Tan coat with dark buttons",
    categories,
    options: ["size"],
    variants: [
      ["COT-S", ["S"], [32900, 37900, 41900], 6],
      ["COT-M", ["M"], [32900, 37900, 41900], 9],
      ["COT-L", ["L"], [32900, 37900, 41900], 2],
    ],
  }),
  product({
    slug: "lambswool-scarf",
    name: "Lambswool scarf",
    description:
      "Woven near Galashiels on looms older than the company, then brushed with teasels for a soft nap. Two metres, long enough to go round twice and still have fringes. It does not itch, we promise.",
    alt: "Red scarf with fringes",
    categories,
    options: ["colour"],
    variants: [
      ["SCF-RED", ["scarlet"], [5900, 6800, 7500], 36],
      ["SCF-OAT", ["oatmeal"], [5900, 6800, 7500], 29],
      ["SCF-FOR", ["forest"], [5900, 6800, 7500], 0],
    ],
  }),
  product({
    slug: "merino-gloves",
    name: "Merino gloves",
    description:
      "Fine-gauge merino with conductive yarn in two fingertips, so maps and messages do not mean cold hands. Ribbed to the middle of the forearm. Knitted whole, with no seams to wear through.",
    alt: "Purple gloves",
    categories,
    options: ["size"],
    variants: [
      ["GLV-S", ["S"], [2900, 3400, 3600], 47],
      ["GLV-M", ["M"], [2900, 3400, 3600], 59],
      ["GLV-L", ["L"], [2900, 3400, 3600], 30],
    ],
  }),
  product({
    slug: "striped-socks",
    name: "Striped socks",
    description:
      "Combed cotton with a reinforced heel and a toe linked by hand, so there is nothing to rub. Mustard and blue, in the bands of a seaside deckchair. Three pairs, or six for people who lose them.",
    alt: "Yellow and blue socks",
    categories,
    options: ["size", "pack"],
    variants: [
      ["SOX-S-3", ["36-40", "3 pairs"], [1800, 2100, 2300], 78],
      ["SOX-S-6", ["36-40", "6 pairs"], [3200, 3700, 3990], 34],
      ["SOX-L-3", ["41-46", "3 pairs"], [1800, 2100, 2300], 91],
      ["SOX-L-6", ["41-46", "6 pairs"], [3200, 3700, 3990], 5],
    ],
  }),
  product({
    slug: "linen-dress",
    name: "Linen dress",
    description:
      "A fitted bodice, a skirt with real swing and, yes, pockets. Belgian flax in cornflower, softened in the wash so that creases look intended. Made for weddings, markets and the train in between.",
    alt: "Blue dress with a full skirt",
    categories,
    options: ["size"],
    variants: [
      ["DRS-8", ["8"], [11900, 13900, 14900], 12],
      ["DRS-10", ["10"], [11900, 13900, 14900], 21],
      ["DRS-12", ["12"], [11900, 13900, 14900], 18],
      ["DRS-14", ["14"], [11900, 13900, 14900], 0],
    ],
  }),
];
