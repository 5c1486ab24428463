import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { drills, type Drill } from "./drills.ts";
import { findSku, quietDay, restock } from "./load.ts";
import { alertNames, scaled, startPrometheus, type Prometheus } from "./prometheus.ts";
import { smallDisk, startDrillStore } from "./store.ts";

export interface Outcome {
  alert: string;
  cause: string;
  /** Seconds from the cause until it fired; undefined: it did not. */
  after: number | undefined;
}

export interface Report {
  outcomes: Outcome[];
  /** Alerts that fired in the calm minutes. */
  loud: string[];
  calmMinutes: number;
  /** Alerts that no drill set off. */
  missing: string[];
}

/** Seconds in which an alert must fire, and until which it is waited for. */
export const due = 30;
const patience = 60;

async function watch(prometheus: Prometheus, drill: Drill, since: number): Promise<Outcome[]> {
  const found = new Map<string, number>();
  while (found.size < drill.alerts.length && performance.now() - since < patience * 1000) {
    const firing = await prometheus.firing();
    for (const alert of drill.alerts)
      if (firing.has(alert) && !found.has(alert)) found.set(alert, (performance.now() - since) / 1000);
    await delay(250);
  }
  return drill.alerts.map((alert) => ({ alert, cause: drill.cause, after: found.get(alert) }));
}

async function untilSilent(prometheus: Prometheus, alerts: readonly string[]): Promise<void> {
  for (const until = performance.now() + 120_000; performance.now() < until; await delay(1000)) {
    const firing = await prometheus.firing();
    if (alerts.every((alert) => !firing.has(alert))) return;
  }
}

async function calm(prometheus: Prometheus, minutes: number, say: (line: string) => void): Promise<string[]> {
  const loud = new Set<string>();
  const until = performance.now() + minutes * 60_000;
  let told = performance.now();
  while (performance.now() < until) {
    for (const alert of await prometheus.firing()) loud.add(alert);
    if (performance.now() - told > 30_000) {
      told = performance.now();
      say(
        `calm, ${Math.ceil((until - told) / 60_000)} minutes to go; fired: ${[...loud].join(", ") || "none"}`,
      );
    }
    await delay(2000);
  }
  return [...loud];
}

/** The rules whose threshold was lowered, on a Prometheus of their own. */
async function runScaled(start: (rules: readonly string[]) => Promise<Prometheus>): Promise<Outcome[]> {
  const names = Object.keys(scaled);
  const since = performance.now();
  const prometheus = await start(names);
  try {
    const drill = { cause: "its threshold was lowered below what a calm store has", alerts: names };
    return await watch(
      prometheus,
      { ...drill, provoke: () => Promise.reject(new Error("not called")) },
      since,
    );
  } finally {
    await prometheus.stop();
  }
}

const isWanted = (alerts: readonly string[], only: readonly string[] | undefined): boolean =>
  only === undefined || alerts.some((alert) => only.includes(alert));

export async function runDrills(
  folder: string,
  calmMinutes: number,
  only: readonly string[] | undefined,
  say: (line: string) => void,
): Promise<Report> {
  const disk = smallDisk(join(folder, "data-watch"));
  const ends: (() => unknown)[] = [() => disk?.remove()];
  try {
    const store = await startDrillStore(folder, say);
    ends.push(() => store.stop());
    const { watch: cluster, ...rest } = store.metricsPorts;
    const ports = [cluster, ...Object.values(rest)];
    const prometheus = await startPrometheus(join(folder, "prometheus"), ports, cluster);
    ends.push(() => prometheus.stop());
    const sku = await findSku(store.client);
    await restock(store.client, sku, store.staff);
    const shoppers = quietDay(store.client, sku);
    ends.push(() => shoppers.stop());
    say("the store and Prometheus run");
    // Rates look back two minutes at most; a start is no calm minute.
    await untilSilent(prometheus, alertNames());
    const loud = calmMinutes > 0 ? await calm(prometheus, calmMinutes, say) : [];
    const outcomes = isWanted(Object.keys(scaled), only)
      ? await runScaled((rules) => startPrometheus(join(folder, "prometheus-scaled"), ports, cluster, rules))
      : [];
    for (const drill of drills({ store, sku, folder, disk })) {
      if (!isWanted(drill.alerts, only)) continue;
      // Others may still ring: their rates look back a minute or two.
      await untilSilent(prometheus, drill.alerts);
      say(drill.cause);
      const cure = await drill.provoke();
      outcomes.push(...(await watch(prometheus, drill, performance.now())));
      await cure();
    }
    const fired = new Set(outcomes.filter(({ after }) => after !== undefined).map(({ alert }) => alert));
    return {
      outcomes,
      loud,
      calmMinutes,
      missing: (only ?? alertNames()).filter((name) => !fired.has(name)),
    };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
