import type { IncomingMessage, ServerResponse } from "node:http";
import { MetricReporters, type ServiceBroker } from "moleculer";

/** A further page of the metrics port, made for each visit. */
export type MakePage = () => Promise<{ type: string; body: string; status?: number }>;

const collectors = new WeakMap<object, (() => void)[]>();
const pages = new WeakMap<object, Map<string, MakePage>>();

/**
 * Moleculer's Prometheus reporter, on `/metrics`, with room for further pages on the same port. It binds the store's own
 * address (the stock one takes all of them when no host is given), and never says who the host's user is, which networks
 * it has or how it was started.
 */
export class MetricsPage extends MetricReporters.Prometheus {
  constructor(host: string, port: number) {
    super({
      port,
      path: "/metrics",
      excludes: ["os.user.**", "os.network.**", "os.datetime.**", "os.cpu.info.**", "process.arguments"],
    });
    this.opts.host = host;
  }

  override handler(req: IncomingMessage, res: ServerResponse): void {
    const make = pages.get(this.registry.broker)?.get(req.url ?? "");
    if (make === undefined) {
      for (const collect of collectors.get(this.registry.broker) ?? []) collect();
      return super.handler(req, res);
    }
    make().then(
      ({ status = 200, type, body }) => res.writeHead(status, { "Content-Type": type }).end(body),
      (error: unknown) => {
        this.logger.error("a page of metrics failed", { error: (error as Error).message });
        res.writeHead(500).end();
      },
    );
  }
}

/** Brings metrics up to date when somebody looks at the node's page. */
export function beforeScrape(broker: ServiceBroker, collect: () => void): void {
  collectors.set(broker, [...(collectors.get(broker) ?? []), collect]);
}

/** Shows a page beside `/metrics` until the answer is called. */
export function addMetricsPage(broker: ServiceBroker, path: string, make: MakePage): () => void {
  const own = pages.get(broker) ?? new Map<string, MakePage>();
  pages.set(broker, own.set(path, make));
  return () => void own.delete(path);
}
