import type { ServiceBroker } from "moleculer";
import type { MailboxStats } from "./mailbox.ts";

const labelNames = ["actor"];

/** Shows a mailbox's totals as metrics until the answer is called. */
export function measure(broker: ServiceBroker, actor: string, stats: MailboxStats): () => void {
  if (!broker.isMetricsEnabled()) return () => undefined;
  const gauges: [keyof MailboxStats, string][] = [
    ["depth", "Calls that wait for the next transaction"],
    ["jobs", "Calls worked"],
    ["batches", "Batches worked"],
    ["commits", "Transactions committed"],
    ["largest", "Most calls of one transaction"],
    ["again", "Calls worked once more alone"],
    ["failures", "Transactions that failed for want of the database"],
  ];
  for (const [name, description] of gauges) {
    broker.metrics.register({ name: `valence.mailbox.${name}`, type: "gauge", description, labelNames });
  }
  const show = () =>
    gauges.forEach(([name]) => broker.metrics.set(`valence.mailbox.${name}`, stats[name], { actor }));
  show();
  const timer = setInterval(show, 2000).unref();
  return () => clearInterval(timer);
}
