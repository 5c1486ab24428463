import { pictureOf, type SampleCategory } from "./shape.ts";

type Row = Omit<SampleCategory, "picture">;

const rows: Row[] = [
  {
    slug: "kitchen",
    name: "Kitchen",
    description: "Pans, knives and tableware that earn their place on the shelf and get better with use.",
  },
  {
    slug: "coffee-and-tea",
    name: "Coffee & tea",
    description: "Small-batch beans and leaves, and the pots and cups to do them justice.",
  },
  {
    slug: "home",
    name: "Home",
    description: "Furniture, clocks and quiet details for rooms people like to stay in.",
  },
  {
    slug: "garden",
    name: "Garden",
    description: "Plants, bulbs and sturdy tools, for a whole plot or one sunny windowsill.",
  },
  {
    slug: "stationery",
    name: "Stationery",
    description: "Pens, paper and paint for letters, lists and long afternoons of drawing.",
  },
  {
    slug: "travel-and-bags",
    name: "Travel & bags",
    description: "Luggage made to be repaired, and the small things that make a journey easier.",
  },
  {
    slug: "outdoor",
    name: "Outdoor",
    description: "Kit for hills, water and clear nights, tested where the weather is worst.",
  },
  {
    slug: "clothing",
    name: "Clothing",
    description: "Everyday clothes in wool, linen and organic cotton, cut to last several winters.",
  },
  {
    slug: "shoes",
    name: "Shoes",
    description: "From the first run to the last hike: footwear that can be resoled.",
    parent: "clothing",
  },
];

/** Categories in shop order; a parent stands before its children. */
export const categories: SampleCategory[] = rows.map((row) => ({ ...row, picture: pictureOf(row.slug) }));
