import { isType, statusOf } from "../contract/errors.ts";
import process from "node:process";
import { hostname } from "node:os";
import type { BrokerOptions } from "moleculer";
import type { Config } from "./config.ts";
import { connectionOptions } from "./nats.ts";

/** The node's name, which is also the name of its connection to NATS. */
export const nodeIDOf = ({ nodeID }: Pick<Config, "nodeID">): string =>
  nodeID?.replace("{host}", hostname().toLowerCase()) ?? `${hostname().toLowerCase()}-${process.pid}`;

const isDeliberate = (error: unknown): boolean =>
  typeof (error as { data?: { retryAfterSeconds?: unknown } }).data?.retryAfterSeconds === "number";

/**
 * What counts against an endpoint: it is broken, slow or gone. Not what it refused on purpose (`unavailable()`), nor a
 * full queue, nor a call that came too late to be worked, nor a database that is away: all nodes share it.
 */
export const breaks = (error: unknown): boolean =>
  statusOf(error) >= 500 &&
  !isType(error, "QUEUE_FULL", "REQUEST_SKIPPED", "BROKEN_CONTRACT", "STORE_UNAVAILABLE", "STORE_CONFLICT") &&
  !isDeliberate(error);

/** NATS as the store uses it: reconnects at once and for ever, and is known to the server by the node's name. */
export function natsTransporter(config: Config): BrokerOptions["transporter"] {
  if (config.transporter === undefined) return null;
  if (config.transporter.startsWith("fake:")) return "Fake";
  return { type: "NATS", options: { ...connectionOptions(config.transporter), name: nodeIDOf(config) } };
}
