import type { HistoryEntry } from "../history.ts";
import type { Check, Result } from "./check.ts";
import { openDatabases, type Stores } from "./databases.ts";
import { events } from "./events.ts";
import { money } from "./money.ts";
import { orders } from "./orders.ts";
import { people } from "./people.ts";
import { stock } from "./stock.ts";
import { told } from "./told.ts";

/** All of them, in the order of the design. */
export const checks: readonly Check[] = [
  told.i1,
  told.i2,
  told.i3,
  orders.i4,
  stock.i5,
  stock.i6,
  stock.i7,
  orders.i8,
  money.i9,
  money.i10,
  money.i11,
  orders.i12,
  orders.i13,
  events.i14,
  events.i15,
  events.i16,
  events.i17,
  told.i18,
  money.i19,
  people.i20,
  people.i21,
  told.i22,
];

export interface Line {
  id: string;
  title: string;
  /** Undefined: not checked. */
  counted: string | undefined;
  violations: string[];
}

/** Looks at every invariant once. */
export async function runChecks(
  config: Stores,
  options: { history?: readonly HistoryEntry[] | undefined; running: boolean },
): Promise<Line[]> {
  const databases = await openDatabases(config);
  try {
    const lines: Line[] = [];
    for (const check of checks) {
      const sources = { databases, history: options.history, running: options.running, now: Date.now() };
      const result: Result | undefined = await check.run(sources);
      lines.push({
        id: check.id,
        title: check.title,
        counted: result?.counted,
        violations: result?.violations ?? [],
      });
    }
    return lines;
  } finally {
    await databases.close();
  }
}
