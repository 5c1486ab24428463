import { ServiceBroker } from "moleculer";
import { brokerOptions, loadConfig } from "../../moleculer.config.ts";
import type { ClusterStore } from "./cluster-store.ts";

let consoles = 0;

/** A node without services in a live cluster, as `npm run repl -- --connect` makes it. */
export async function consoleOn(store: ClusterStore): Promise<ServiceBroker> {
  const urls = Object.entries(store.databaseUrls).map(([actor, url]) => [
    `${actor.toUpperCase()}_DB_URL`,
    url,
  ]);
  const config = loadConfig({
    ...(Object.fromEntries(urls) as Record<string, string>),
    TRANSPORTER: store.nats.url,
    NAMESPACE: store.env["NAMESPACE"],
    DATA_DIR: store.dataDir,
    SERVICES: "repl",
    NODEID: `repl.${++consoles}`,
    LOGLEVEL: "off",
  });
  const broker = new ServiceBroker({
    ...brokerOptions({ ...config, services: [] }),
    skipProcessEventRegistration: true,
  });
  await broker.start();
  await broker.waitForServices(["products", "search", "inventory", "orders", "users", "audit"], 20_000);
  return broker;
}
