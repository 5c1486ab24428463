import type { Sizes } from "./first-route.ts";
import type { Figures } from "./figures.ts";

const LCP_MS = 1800;
const CLS = 0.02;
const JS_KB = 120;
const CSS_KB = 25;
const whole = ["accessibility", "best practices", "seo"] as const;

export const bars: readonly string[] = [
  "mobile 95 / 100 / 100 / 100",
  "desktop 100 four times",
  `LCP ${LCP_MS} ms on mobile`,
  `CLS ${CLS}`,
  `${JS_KB} kB JavaScript and ${CSS_KB} kB CSS (gzip) on the first route`,
];

interface Row {
  page: string;
  device: string;
  figures: Figures;
}

/** What is below the bar, a line each. */
export function missed(rows: readonly Row[], { js, css }: Sizes): string[] {
  const faults = rows.flatMap(({ page, device, figures }) => {
    const least = device === "mobile" ? 95 : 100;
    return [
      ...(figures.performance < least ? [`performance ${figures.performance}`] : []),
      ...whole.filter((name) => figures[name] < 100).map((name) => `${name} ${figures[name]}`),
      ...(device === "mobile" && figures.lcp > LCP_MS ? [`LCP ${figures.lcp.toFixed(0)} ms`] : []),
      ...(figures.cls > CLS ? [`CLS ${figures.cls.toFixed(3)}`] : []),
    ].map((fault) => `${page} on ${device}: ${fault}`);
  });
  if (js / 1000 > JS_KB) faults.push(`first route: ${(js / 1000).toFixed(1)} kB JavaScript`);
  if (css / 1000 > CSS_KB) faults.push(`first route: ${(css / 1000).toFixed(1)} kB CSS`);
  return faults;
}
