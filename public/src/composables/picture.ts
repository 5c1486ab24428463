const uploaded = /^(\/media\/[0-9a-f]{32}-)800\.webp$/;

/** An uploaded picture is there in three widths; others are what they are. */
export function pictureSet(url?: string): string | undefined {
  const stem = url === undefined ? undefined : uploaded.exec(url)?.[1];
  return stem && [400, 800, 1600].map((width) => `${stem}${width}.webp ${width}w`).join(", ");
}

/** The smallest file of a picture. */
export const thumbnail = (url?: string): string | undefined => url?.replace(uploaded, "$1400.webp");
