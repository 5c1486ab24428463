import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startChild, untilUp, type Child } from "../cluster/child.ts";
import { findProgram } from "../cluster/programs.ts";
import { freePort } from "../lib/store-process.ts";

const alertsFile = join(import.meta.dirname, "../../deploy/prometheus/alerts.yml");

export interface Prometheus {
  readonly child: Child;
  /** Names of the alerts that fire now. */
  firing(): Promise<Set<string>>;
  /** The value of the first series of a query. */
  ask(query: string): Promise<number | undefined>;
  stop(): Promise<void>;
}

/**
 * Rules whose cause cannot be made on purpose, with a lower threshold: what is shown is that their expression sees the real
 * metrics and that the alert goes through.
 */
export const scaled: Readonly<Record<string, readonly [from: string, to: string]>> = {
  HeapNearLimit: ["> 0.85", "> 0.0001"],
  SearchSlow: ["> 0.25", "> 0.00001"],
};

function rulesWith(names: readonly string[]): string {
  let text = readFileSync(alertsFile, "utf8");
  for (const name of names) {
    const [from, to] = scaled[name] as readonly [string, string];
    const at = text.indexOf(from, text.indexOf(`- alert: ${name}`));
    if (at < 0) throw new Error(`The rule ${name} has no threshold ${from}.`);
    text = text.slice(0, at) + to + text.slice(at + from.length);
  }
  return text;
}

/** Intervals as in deploy/prometheus/prometheus.yml; the addresses are those of this machine. */
const configuration = (nodes: readonly number[], cluster: number): string => `
global: { scrape_interval: 5s, evaluation_interval: 5s }
rule_files: [alerts.yml]
scrape_configs:
  - job_name: valence
    static_configs: [{ targets: [${nodes.map((port) => `"127.0.0.1:${port}"`).join(", ")}] }]
  - job_name: valence-cluster
    metrics_path: /cluster
    static_configs: [{ targets: ["127.0.0.1:${cluster}"] }]
`;

/** Starts a real Prometheus on the store's own rules. */
export async function startPrometheus(
  folder: string,
  nodes: readonly number[],
  cluster: number,
  scaledRules: readonly string[] = [],
): Promise<Prometheus> {
  const program = findProgram("prometheus");
  if (program === undefined)
    throw new Error("prometheus is missing. Install it: apt-get install prometheus.");
  mkdirSync(folder, { recursive: true });
  copyFileSync(alertsFile, join(folder, "alerts.yml"));
  if (scaledRules.length > 0) writeFileSync(join(folder, "alerts.yml"), rulesWith(scaledRules));
  writeFileSync(join(folder, "prometheus.yml"), configuration(nodes, cluster));
  const url = `127.0.0.1:${await freePort()}`;
  const child = startChild(
    program,
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "tsdb")}`,
      `--web.listen-address=${url}`,
    ],
    {},
  );
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`http://${url}/api/v1${path}`);
    return ((await answer.json()) as { data: T }).data;
  };
  const isUp = () =>
    fetch(`http://${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await untilUp("prometheus", child, isUp, 30_000);
  return {
    child,
    async firing() {
      const { alerts } = await get<{ alerts: { state: string; labels: { alertname: string } }[] }>("/alerts");
      return new Set(alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels.alertname));
    },
    async ask(query) {
      const { result } = await get<{ result: { value: [number, string] }[] }>(
        `/query?query=${encodeURIComponent(query)}`,
      );
      return result[0] === undefined ? undefined : Number(result[0].value[1]);
    },
    stop: async () => void (await child.end("SIGTERM")),
  };
}

export const alertNames = (): string[] =>
  [...readFileSync(alertsFile, "utf8").matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name as string);
