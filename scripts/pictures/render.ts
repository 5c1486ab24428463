/** Background colours of one category: the lit middle, the edge, and the ink of the shadow. */
export interface Tint {
  light: string;
  edge: string;
  shadow: string;
}

export interface Picture {
  /** Makes the ids of this file unlike those of any other. */
  slug: string;
  /** SVG content drawn on a square of `grid` units. */
  body: string;
  grid: number;
  tint: Tint;
}

const SIZE = 480;
const ICON = 296;

/** One square picture: a soft lit ground, a shadow on it, and the icon standing above. */
export function render({ slug, body, grid, tint }: Picture): string {
  const left = (SIZE - ICON) / 2;
  const top = left - 12;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}" width="${SIZE}" height="${SIZE}">`,
    "<defs>",
    `<radialGradient id="${slug}-ground" cx=".5" cy=".4" r=".75"><stop stop-color="${tint.light}"/><stop offset="1" stop-color="${tint.edge}"/></radialGradient>`,
    `<radialGradient id="${slug}-shade"><stop stop-color="${tint.shadow}" stop-opacity=".34"/><stop offset=".55" stop-color="${tint.shadow}" stop-opacity=".13"/><stop offset="1" stop-color="${tint.shadow}" stop-opacity="0"/></radialGradient>`,
    "</defs>",
    `<path fill="url(#${slug}-ground)" d="M0 0h${SIZE}v${SIZE}H0z"/>`,
    `<ellipse cx="${SIZE / 2}" cy="${top + ICON}" rx="${ICON / 2}" ry="26" fill="url(#${slug}-shade)"/>`,
    `<svg x="${left}" y="${top}" width="${ICON}" height="${ICON}" viewBox="0 0 ${grid} ${grid}">${withOwnIds(body, slug)}</svg>`,
    "</svg>\n",
  ].join("");
}

/** Ids get the slug before them, so that pictures may stand in one document. */
export function withOwnIds(body: string, slug: string): string {
  const names = new Map<string, string>();
  const own = (id: string): string => {
    const known = names.get(id) ?? `${slug}-${names.size}`;
    names.set(id, known);
    return known;
  };
  return body
    .replace(/\bid="([^"]+)"/g, (_, id: string) => `id="${own(id)}"`)
    .replace(/url\(#([^)]+)\)/g, (_, id: string) => `url(#${own(id)})`)
    .replace(/href="#([^"]+)"/g, (_, id: string) => `href="#${own(id)}"`);
}
