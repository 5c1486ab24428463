import { product, type SampleProduct } from "./shape.ts";

const categories = ["home"];

export const home: SampleProduct[] = [
  product({
    slug: "beeswax-candle",
    name: "Beeswax candle",
    description:
      "Poured by hand from unbleached wax that smells faintly of summer fields. The cotton wick burns clean for forty hours and does not drip in a draught. Comes in a box you can post.",
    alt: "Lit cream candle with a drop of wax",
    categories,
    options: ["height"],
    variants: [
      ["CDL-10", ["10 cm"], [1200, 1400, 1500], 88],
      ["CDL-20", ["20 cm"], [1900, 2200, 2400], 46],
    ],
  }),
  product({
    slug: "scalloped-mirror",
    name: "Scalloped mirror",
    description:
      "Silvered glass in a limewood frame, carved in waves and gilded with real leaf. Hang it opposite a window and the room grows by half. The fixings hold ten times its weight.",
    alt: "Oval mirror in a wavy golden frame",
    categories,
    options: ["size"],
    variants: [
      ["MIR-40", ["40 cm"], [12900, 14900, 16500], 8],
      ["MIR-60", ["60 cm"], [18900, 21900, 23900], 3],
    ],
  }),
  product({
    slug: "dining-chair",
    name: "Dining chair",
    description:
      "Steam-bent oak with a back that gives a little when you lean into the second hour of dinner. The joints are wedged, not screwed. Seats can be swapped when children have finished with them.",
    alt: "Wooden chair with a slatted back",
    categories,
    options: ["finish"],
    variants: [
      ["CHR-NAT", ["natural oak"], [18900, 21900, 23900], 24],
      ["CHR-SMK", ["smoked oak"], [19900, 22900, 24900], 17],
      ["CHR-BLK", ["black"], [18900, 21900, 23900], 0],
    ],
  }),
  product({
    slug: "two-seat-sofa",
    name: "Two-seat sofa",
    description:
      "Deep enough to curl up in and short enough for a city flat. Feather-wrapped cushions sit on a beech frame with a guarantee of twenty years. Covers come off with one zip and wash at forty.",
    alt: "Blue sofa beside a floor lamp",
    categories,
    options: ["fabric"],
    variants: [
      ["SOF-LIN-BL", ["blue linen"], [98000, 114000, 125000], 6],
      ["SOF-LIN-SD", ["sand linen"], [98000, 114000, 125000], 4],
      ["SOF-VEL-GR", ["green velvet"], [112000, 129000, 142000], 1],
    ],
  }),
  product({
    slug: "alarm-clock",
    name: "Alarm clock",
    description:
      "Two brass bells and a hammer: nobody has slept through it yet. The sweep hand moves without a tick, so the night stays quiet until it should not. Runs for a year on one cell.",
    alt: "Red alarm clock with two yellow bells",
    categories,
    options: ["colour"],
    variants: [
      ["ALM-RED", ["red"], [2900, 3400, 3600], 42],
      ["ALM-CRM", ["cream"], [2900, 3400, 3600], 30],
    ],
  }),
  product({
    slug: "mantel-timepiece",
    name: "Mantel timepiece",
    description:
      "An eight-day movement behind a domed glass, in a case of solid cherrywood. It strikes the hours softly and can be told not to. Wind it on Sundays, like everybody's grandfather did.",
    alt: "Wooden table clock with a round white dial",
    categories,
    options: [],
    variants: [["MTL-1", [], [24900, 28900, 31900], 5]],
  }),
  product({
    slug: "terracotta-vase",
    name: "Terracotta vase",
    description:
      "Thrown on the wheel and burnished with a spoon until the clay shines by itself. The two handles make it easy to carry full. Glazed inside, so it holds water as well as dried grasses.",
    alt: "Two-handled brown clay vase with a patterned band",
    categories,
    options: ["height"],
    variants: [
      ["VAS-25", ["25 cm"], [3900, 4500, 4900], 21],
      ["VAS-40", ["40 cm"], [6900, 7900, 8600], 7],
    ],
  }),
  product({
    slug: "peony-soap",
    name: "Peony soap",
    description:
      "Cold-pressed with shea butter and left to cure for six weeks, so a bar lasts a month of showers. The scent is of the flower, not of a perfume counter. Wrapped in paper, never in plastic.",
    alt: "Pink bar of soap with bubbles",
    categories,
    options: ["set"],
    variants: [
      ["SOP-1", ["one bar"], [650, 750, 850], 175],
      ["SOP-3", ["three bars"], [1700, 1950, 2200], 60],
    ],
  }),
];
