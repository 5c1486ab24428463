import { BatchingExporter } from "./batching-exporter.ts";
import { runOutside } from "./current.ts";
import { recordOf } from "./record.ts";
import type { Span } from "./span.ts";

const action = "metrics.keep";
const most = 500;

/** Hands kept spans to the `metrics` actor, from whichever node they are on; lost when nobody runs it. */
export class KeptExporter extends BatchingExporter {
  constructor() {
    super(500);
  }

  override async send(spans: readonly Span[]): Promise<void> {
    if (!this.broker.registry.actions.isAvailable(action)) return;
    const records = spans.map((span) => recordOf(span, this.broker.nodeID));
    for (let from = 0; from < records.length; from += most) {
      const part = { spans: records.slice(from, from + most) };
      await runOutside(() => this.broker.call(action, part, { timeout: 2000, retries: 0 }));
    }
  }
}
