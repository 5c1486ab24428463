/** Starts every service once in an empty folder and stops, so that each module is compiled and kept (NODE_COMPILE_CACHE). */
import { mkdtempSync, rmSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ServiceBroker } from "moleculer";
import { brokerOptions, loadConfig } from "../moleculer.config.ts";
import { allServices, createServices } from "./load-services.ts";

/** What only a node of a cluster loads, and the script that starts it. */
const others = [
  "nats",
  "mongodb",
  "ioredis",
  "nodemailer",
  "umzug",
  "../mixins/postgres-client.ts",
  "../mixins/sql-connection.postgres.ts",
  "../mixins/document-mongo.ts",
];

const folder = mkdtempSync(join(tmpdir(), "valence-warm-up-"));
const config = loadConfig({ DATA_DIR: folder, PORT: "0", SAMPLE_DATA: "off", PASSWORD_COST: "cheap" });
const broker = new ServiceBroker({ ...brokerOptions(config), skipProcessEventRegistration: true });
await createServices(broker, allServices());
await broker.start();
await Promise.all(others.map((name) => import(name)));
await broker.stop();
rmSync(folder, { recursive: true, force: true });
flushCompileCache();
process.exit(0);
