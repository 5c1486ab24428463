import { product, type SampleProduct } from "./shape.ts";

const categories = ["stationery"];

export const stationery: SampleProduct[] = [
  product({
    slug: "fountain-pen",
    name: "Fountain pen",
    description:
      "A steel nib tuned by hand, in a barrel of deep blue resin that warms as you write. It drinks from cartridges or from a bottle; the converter is included. Write a page with it before you decide, and send it back if you must.",
    alt: "Blue fountain pen with a steel nib",
    categories,
    options: ["nib"],
    variants: [
      ["PEN-F", ["fine"], [4900, 5700, 6200], 33],
      ["PEN-M", ["medium"], [4900, 5700, 6200], 51],
      ["PEN-B", ["broad"], [4900, 5700, 6200], 6],
    ],
  }),
  product({
    slug: "confetti-notebook",
    name: "Confetti notebook",
    description:
      "Sewn in sections so that it lies flat from the first page to the last. The 100 g paper takes ink without ghosting, and the cloth cover hides a year of coffee. Numbered pages, two ribbons, one pocket.",
    alt: "Dark notebook with coloured dashes on its cover",
    categories,
    options: ["size", "paper"],
    variants: [
      ["NBK-A6-DOT", ["A6", "dotted"], [1300, 1500, 1650], 92],
      ["NBK-A6-LIN", ["A6", "lined"], [1300, 1500, 1650], 77],
      ["NBK-A5-DOT", ["A5", "dotted"], [1800, 2100, 2300], 115],
      ["NBK-A5-LIN", ["A5", "lined"], [1800, 2100, 2300], 64],
      ["NBK-A5-PLN", ["A5", "plain"], [1800, 2100, 2300], 0],
    ],
  }),
  product({
    slug: "graphite-pencils",
    name: "Graphite pencils",
    description:
      "Twelve grades from a crisp 4H to a velvety 6B, in sustainable cedar. The lead is bonded along its whole length and survives a fall. Tin case, hinged, quiet in a lecture.",
    alt: "Orange pencil with a sharpened tip",
    categories,
    options: [],
    variants: [["PCL-12", [], [2100, 2400, 2600], 58]],
  }),
  product({
    slug: "watercolour-palette",
    name: "Watercolour palette",
    description:
      "Artist-grade pigments in half pans, bound with honey so that they wake at the touch of a wet brush. Every hue is lightfast for a century. The lid folds into three mixing wells and a thumb hole.",
    alt: "Painter's palette with five dabs of paint",
    categories,
    options: ["pans"],
    variants: [
      ["WTC-12", ["12"], [3900, 4500, 4900], 29],
      ["WTC-24", ["24"], [6900, 7900, 8700], 12],
    ],
  }),
  product({
    slug: "paper-scissors",
    name: "Paper scissors",
    description:
      "Long Sheffield blades that glide through card and stop exactly at the tip. Coral grips fit either hand. The pivot is a screw, so any cutler can tighten it in ten years' time.",
    alt: "Scissors with red handles",
    categories,
    options: ["hand"],
    variants: [
      ["SCS-R", ["right"], [2600, 2990, 3200], 45],
      ["SCS-L", ["left"], [2600, 2990, 3200], 8],
    ],
  }),
  product({
    slug: "reporters-notepad",
    name: "Reporter's notepad",
    description:
      "Flip, scribble, tear: 140 sheets on a double coil with a board stiff enough to write on standing up. The perforation leaves a clean edge. Sold in packs, because one is never where you need it.",
    alt: "Spiral-bound pad with ruled lines",
    categories,
    options: ["pack"],
    variants: [
      ["RPD-3", ["three"], [990, 1150, 1250], 134],
      ["RPD-10", ["ten"], [2900, 3300, 3600], 40],
    ],
  }),
  product({
    slug: "drafting-ruler",
    name: "Drafting ruler",
    description:
      "Etched aluminium with millimetres on one edge and inches on the other. A strip of cork keeps it still and lifts it clear of wet ink. True to a tenth of a millimetre, with a certificate to say so.",
    alt: "Grey ruler with purple graduations",
    categories,
    options: ["length"],
    variants: [
      ["RLR-15", ["15 cm"], [900, 1050, 1150], 101],
      ["RLR-30", ["30 cm"], [1300, 1500, 1650], 86],
    ],
  }),
  product({
    slug: "letter-writing-set",
    name: "Letter-writing set",
    description:
      "Forty sheets of laid cotton paper and twenty lined envelopes, cut to fit when folded twice. A guide sheet shows through just enough to keep the lines straight. Somebody is waiting to hear from you.",
    alt: "Closed pale envelope",
    categories,
    options: ["colour"],
    variants: [
      ["LTR-LIL", ["lilac"], [2200, 2500, 2750], 26],
      ["LTR-IVO", ["ivory"], [2200, 2500, 2750], 38],
    ],
  }),
];
