import { product, type SampleProduct } from "./shape.ts";

const categories = ["clothing", "shoes"];

export const shoes: SampleProduct[] = [
  product({
    slug: "running-shoes",
    name: "Running shoes",
    description:
      "Eight millimetres of drop, a foam that still springs at kilometre thirty and an upper knitted in one piece. We ask every tester for 500 km before we let a model through. Send the worn pair back and we grind it into new soles.",
    alt: "Lilac running shoe",
    categories,
    options: ["size"],
    variants: [
      ["RUN-37", ["37"], [10900, 12500, 13500], 14],
      ["RUN-38", ["38"], [10900, 12500, 13500], 22],
      ["RUN-39", ["39"], [10900, 12500, 13500], 31],
      ["RUN-40", ["40"], [10900, 12500, 13500], 28],
      ["RUN-41", ["41"], [10900, 12500, 13500], 25],
      ["RUN-42", ["42"], [10900, 12500, 13500], 33],
      ["RUN-43", ["43"], [10900, 12500, 13500], 2],
      ["RUN-44", ["44"], [10900, 12500, 13500], 0],
    ],
  }),
  product({
    slug: "hiking-boots",
    name: "Hiking boots",
    description:
      "Full-grain nubuck on a sole that bites into wet rock, with a membrane that keeps bogs on the outside. Broken in after two walks, not twenty. A cobbler can resole them three times.",
    alt: "Tan ankle-high boot with a deep tread",
    categories,
    options: ["size"],
    variants: [
      ["HIK-39", ["39"], [16900, 19500, 21500], 11],
      ["HIK-40", ["40"], [16900, 19500, 21500], 17],
      ["HIK-41", ["41"], [16900, 19500, 21500], 20],
      ["HIK-42", ["42"], [16900, 19500, 21500], 4],
      ["HIK-43", ["43"], [16900, 19500, 21500], 0],
    ],
  }),
  product({
    slug: "derby-brogues",
    name: "Derby brogues",
    description:
      "Chestnut calf on a stitched leather sole, with open lacing for a high instep. Comfortable by lunchtime on the first day. Cedar trees and a tin of the right polish come in the box.",
    alt: "Brown laced leather brogue",
    categories,
    options: ["size"],
    variants: [
      ["DRB-41", ["41"], [18900, 21900, 23900], 8],
      ["DRB-42", ["42"], [18900, 21900, 23900], 12],
      ["DRB-43", ["43"], [18900, 21900, 23900], 10],
      ["DRB-44", ["44"], [18900, 21900, 23900], 1],
    ],
  }),
  product({
    slug: "beach-sandals",
    name: "Beach sandals",
    description:
      "Natural rubber that smells of nothing and floats when the tide is faster than you. The strap is moulded through the sole, so it cannot pop out. Rinse, shake, done.",
    alt: "Blue sandal with a yellow strap",
    categories,
    options: ["size"],
    variants: [
      ["SAN-36", ["36-38"], [1900, 2200, 2400], 65],
      ["SAN-39", ["39-41"], [1900, 2200, 2400], 73],
      ["SAN-42", ["42-44"], [1900, 2200, 2400], 50],
    ],
  }),
];
