/** What one run of Lighthouse says. Points of 100; milliseconds. */
export interface Figures {
  performance: number;
  accessibility: number;
  "best practices": number;
  seo: number;
  fcp: number;
  lcp: number;
  tbt: number;
  cls: number;
  /** Audits of the last three categories that failed. */
  complaints: string[];
}

export type Numbers = Exclude<keyof Figures, "complaints">;
export const numbers: readonly Numbers[] = [
  "performance",
  "accessibility",
  "best practices",
  "seo",
  "fcp",
  "lcp",
  "tbt",
  "cls",
];

/** The middle of each figure for itself. */
export function median(runs: readonly Figures[]): Figures {
  const middle = (name: Numbers): number =>
    runs.map((run) => run[name]).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? Number.NaN;
  const complaints = [...new Set(runs.flatMap((run) => run.complaints))];
  return {
    ...(Object.fromEntries(numbers.map((name) => [name, middle(name)])) as unknown as Figures),
    complaints,
  };
}
