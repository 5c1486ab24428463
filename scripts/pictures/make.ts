import { readFileSync, writeFileSync } from "node:fs";
import sharp from "sharp";
import { sampleCatalogue } from "../../services/products/seed/index.ts";
import { icons } from "./icons.ts";
import { render, type Tint } from "./render.ts";

const tints: Record<string, Tint> = {
  kitchen: { light: "#fffaf2", edge: "#f3dfc4", shadow: "#7a5326" },
  "coffee-and-tea": { light: "#fbf4ec", edge: "#e3cdb6", shadow: "#5a3b22" },
  home: { light: "#f8f5fb", edge: "#dfd4e8", shadow: "#4d3b66" },
  garden: { light: "#f6faee", edge: "#d3e3bd", shadow: "#3f5c2a" },
  stationery: { light: "#f3f7fd", edge: "#cfdcf0", shadow: "#2f466e" },
  "travel-and-bags": { light: "#fdf5f1", edge: "#f1d2c4", shadow: "#7a3c29" },
  outdoor: { light: "#f0f9f8", edge: "#c2e0dc", shadow: "#1f5652" },
  clothing: { light: "#fdf4f6", edge: "#eed0d8", shadow: "#6b3044" },
  shoes: { light: "#f7f6f2", edge: "#dbd8cb", shadow: "#55503c" },
};

interface IconSet {
  icons: Record<string, { body: string }>;
  width: number;
}

const source = new URL("../../node_modules/@iconify-json/fluent-emoji/icons.json", import.meta.url);
const target = new URL("../../public/static/pictures/", import.meta.url);
const set = JSON.parse(readFileSync(source, "utf8")) as IconSet;

/** Of the picture that is shown where somebody shares a page: no network draws SVG. */
const SHARED_WIDTH = 600;

async function write(slug: string, category: string): Promise<void> {
  const icon = set.icons[icons[slug] ?? ""];
  const tint = tints[category];
  if (!icon || !tint) throw new Error(`No icon or tint for ${slug} in ${category}`);
  const svg = render({ slug, body: icon.body, grid: set.width, tint });
  writeFileSync(new URL(`${slug}.svg`, target), svg);
  const jpeg = sharp(Buffer.from(svg), { density: 144 })
    .resize(SHARED_WIDTH)
    .jpeg({ quality: 82, mozjpeg: true });
  writeFileSync(new URL(`${slug}.jpg`, target), await jpeg.toBuffer());
}

const { categories, products } = sampleCatalogue();
for (const { slug } of categories) await write(slug, slug);
for (const { slug, categories: within } of products) await write(slug, within.at(-1) ?? "");
console.log(`${categories.length + products.length} pictures written`);
