import sharp, { type Sharp } from "sharp";

/** Widths of the files that are made of a picture; a smaller picture is never blown up. */
export const widths = [400, 800, 1600] as const;
const QUALITY = 80;
/** Of the file as it is uploaded. */
export const MAX_BYTES = 15 << 20;
export const MAX_PIXELS = 50_000_000;

export const fileOf = (hash: string, width: number): string => `${hash}-${width}.webp`;
/** What the catalogue names; `-400` and `-1600` stand beside it. */
export const urlOf = (hash: string): string => `/media/${fileOf(hash, 800)}`;

// A picture is made of pixels: no loader of SVG, PDF or anything else is reachable, whatever a file says that it is.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Heif", "Nsgif"].map((loader) => `VipsForeignLoad${loader}`),
});
// One core at most, nothing kept: the store sells meanwhile.
sharp.concurrency(1);
sharp.cache(false);

const reader = (bytes: Uint8Array): Sharp =>
  sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: "error", sequentialRead: true });

export interface Facts {
  /** As it is seen, after the camera's own turning. */
  width: number;
  height: number;
}

/** What the head of a file says; undefined when it is no picture that the store takes. */
export async function factsOf(bytes: Uint8Array): Promise<Facts | undefined> {
  try {
    const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return { width: autoOrient.width, height: autoOrient.height };
  } catch {
    return undefined;
  }
}

/** The picture in each width as webp, upright, without what the camera wrote beside it. @throws when it cannot be read */
export async function filesOf(bytes: Uint8Array): Promise<Map<number, Uint8Array>> {
  const largest = widths.at(-1);
  const { data, info } = await reader(bytes)
    .autoOrient()
    .resize({ width: largest, height: 2 * (largest ?? 0), fit: "inside", withoutEnlargement: true })
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const files = new Map<number, Uint8Array>();
  for (const width of widths)
    files.set(
      width,
      await sharp(data, { raw: info })
        .resize({ width, withoutEnlargement: true })
        .webp({ quality: QUALITY })
        .toBuffer(),
    );
  return files;
}
