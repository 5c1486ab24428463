import type { Line } from "./run.ts";

const most = 20;

/** A line for each invariant, its first violations below it. */
export function printLines(lines: readonly Line[]): void {
  for (const { id, title, counted, violations } of lines) {
    const state =
      counted === undefined
        ? "not checked"
        : violations.length === 0
          ? "ok"
          : `${violations.length} VIOLATIONS`;
    console.log(
      `${id.padEnd(4)} ${state.padEnd(13)} ${title}${counted === undefined ? "" : ` (${counted})`}`,
    );
    for (const violation of violations.slice(0, most)) console.log(`       - ${violation}`);
    if (violations.length > most) console.log(`       - and ${violations.length - most} more`);
  }
  const bad = lines.reduce((sum, line) => sum + line.violations.length, 0);
  console.log(bad === 0 ? "No violation." : `${bad} violations.`);
}
