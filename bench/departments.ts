import type { SampleCategory } from "../services/products/seed/index.ts";

export type Department = [name: string, nouns: string[]];

/** Departments of the generated catalogue, the largest first, with the things they sell. */
export const departments: Department[] = [
  ["Knitwear", ["jumper", "cardigan", "beanie", "mittens", "poncho", "vest"]],
  ["Cookware", ["saucepan", "skillet", "wok", "stockpot", "griddle", "steamer"]],
  ["Lighting", ["lamp", "lantern", "pendant", "spotlight", "lampshade", "chandelier"]],
  ["Bedding", ["duvet", "pillow", "blanket", "quilt", "sheet", "bedspread"]],
  ["Footwear", ["trainers", "loafers", "slippers", "clogs", "wellingtons", "plimsolls"]],
  ["Tableware", ["plate", "saucer", "jug", "platter", "tureen", "goblet"]],
  ["Storage", ["crate", "hamper", "trunk", "shelf", "drawer", "organiser"]],
  ["Luggage", ["holdall", "rucksack", "satchel", "duffel", "messenger", "trolley"]],
  ["Tools", ["hammer", "spanner", "chisel", "plane", "screwdriver", "pliers"]],
  ["Furniture", ["armchair", "bookcase", "sideboard", "stool", "bench", "wardrobe"]],
  ["Toys", ["puzzle", "yo-yo", "blocks", "puppet", "scooter", "marbles"]],
  ["Cycling", ["helmet", "pannier", "saddle", "pump", "mudguard", "handlebar"]],
  ["Bathroom", ["towel", "bathmat", "dispenser", "loofah", "robe", "basin"]],
  ["Camping", ["stove", "hammock", "tarpaulin", "mallet", "canteen", "bivouac"]],
  ["Music", ["ukulele", "metronome", "harmonica", "tambourine", "capo", "stand"]],
  ["Pets", ["leash", "kennel", "feeder", "harness", "scratcher", "aquarium"]],
];

const slugOf = (name: string): string => name.toLowerCase();

export const generatedCategories = (): SampleCategory[] =>
  departments.map(([name]) => ({
    slug: slugOf(name),
    name,
    description: `${name} of the generated catalogue.`,
    picture: "/pictures/home.svg",
  }));
