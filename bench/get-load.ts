/** GETs of many paths by autocannon, in a process of its own: `fork`ed with a `GetLoad`, answers `GetFigures`. */
import process from "node:process";
import autocannon from "autocannon";

export interface GetLoad {
  url: string;
  paths: readonly string[];
  connections: number;
  /** Seconds. */
  duration: number;
}

export interface GetFigures {
  perSecond: number;
  total: number;
  /** Milliseconds. */
  p99: number;
}

process.once("message", ({ url, paths, connections, duration }: GetLoad) => {
  void (async () => {
    let next = 0;
    const run = (seconds: number) =>
      autocannon({
        url,
        connections,
        duration: seconds,
        // Each connection begins elsewhere, so that they never ask in step.
        setupClient: (client) => {
          const from = (next++ * 37) % paths.length;
          const rotated = [...paths.slice(from), ...paths.slice(0, from)];
          client.setRequests(rotated.map((path) => ({ method: "GET" as const, path })));
        },
      });
    await run(2);
    process.send?.("begun");
    const { requests, latency, non2xx, errors } = await run(duration);
    if (non2xx + errors > 0) throw new Error(`${non2xx} answers were not 2xx, ${errors} failed`);
    const figures: GetFigures = { perSecond: requests.average, total: requests.total, p99: latency.p99 };
    process.send?.(figures, () => process.exit(0));
  })();
});
