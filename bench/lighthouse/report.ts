import { machine } from "../machine.ts";
import { bars } from "./bar.ts";
import type { Sizes } from "./first-route.ts";
import type { Figures } from "./figures.ts";

interface Facts {
  rows: readonly { page: string; device: string; figures: Figures }[];
  sizes: Sizes;
  /** Work of others on the machine when the run began. */
  load: number;
  runs: number;
}

const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

/** The figures as a Markdown document. */
export function report({ rows, sizes, load, runs }: Facts): string {
  const lines = rows.map(({ page, device, figures }) => {
    const { performance, accessibility, seo, fcp, lcp, tbt, cls } = figures;
    const points = `${performance} / ${accessibility} / ${figures["best practices"]} / ${seo}`;
    const times = [fcp, lcp, tbt].map((time) => `${time.toFixed(0)} ms`);
    return `| ${[`${page}, ${device}`, points, ...times, cls.toFixed(3)].join(" | ")} |`;
  });
  const complaints = rows.flatMap(({ page, device, figures }) =>
    figures.complaints.map((complaint) => `- ${page}, ${device}: ${complaint}`),
  );
  return [
    "# Lighthouse",
    "",
    `Written by \`npm run lighthouse\` on ${new Date().toISOString().slice(0, 10)}: medians of ${runs} runs with simulated throttling; ${machine()}; load average before the run ${load.toFixed(1)}.`,
    `The bar: ${bars.join("; ")}.`,
    "",
    "| | performance / accessibility / best practices / SEO | FCP | LCP | TBT | CLS |",
    "| --- | :-: | --: | --: | --: | --: |",
    ...lines,
    "",
    `First route after gzip: ${kB(sizes.js)} JavaScript, ${kB(sizes.css)} CSS (inside the page), ${kB(sizes.html)} HTML with data and style.`,
    ...(complaints.length > 0 ? ["", "Complaints:", "", ...complaints] : []),
    "",
  ].join("\n");
}
