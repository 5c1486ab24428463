/** `npm run repl`: a console on a store of its own, or on a live cluster. */
import process from "node:process";
import { parseArgs } from "node:util";
import { ServiceBroker } from "moleculer";
import { brokerOptions, environment, loadConfig } from "../moleculer.config.ts";
import { allServices, createServices } from "./load-services.ts";
import { words } from "./repl/words.ts";

const help = `npm run repl [-- --connect nats://user:password@host:4222] [--namespace <name>]

A console with the commands of Moleculer (nodes, services, actions, call, emit, metrics ...; help lists them) and the words
of the shop: orders, stock, customer, saga, parked, resend, reindex, drain, verify. What changes anything stands in the
audit log.

  --connect <url>      join a live cluster, with no services here; without it the store of DATA_DIR runs in this process
  --namespace <name>   the cluster's NAMESPACE`;

const { values } = parseArgs({
  options: {
    connect: { type: "string" },
    namespace: { type: "string" },
    help: { type: "boolean" },
  },
});

async function main(): Promise<void> {
  const { connect, namespace } = values;
  const live = connect !== undefined;
  const config = loadConfig({
    ...environment(),
    // A node without services needs none of their secrets.
    ...(live && { TRANSPORTER: connect, SERVICES: "repl", NODEID: `repl.${process.pid}` }),
    ...(namespace !== undefined && { NAMESPACE: namespace }),
  });
  const broker = new ServiceBroker({
    ...brokerOptions({ ...config, services: live ? [] : config.services }),
    replOptions: { delimiter: "valence $", customCommands: words as never },
  });
  if (!live) await createServices(broker, config.services ?? allServices());
  await broker.start();
  broker.repl();
}

if (values.help) console.log(help);
else
  await main().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exit(1);
  });
