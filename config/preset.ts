import { isType, statusOf } from "../contract/errors.ts";
import type { BrokerOptions } from "moleculer";
import type { Config } from "./config.ts";

const isDeliberate = (error: unknown): boolean =>
  typeof (error as { data?: { retryAfterSeconds?: unknown } }).data?.retryAfterSeconds === "number";

/**
 * What counts against an endpoint: it is broken, slow or gone. Not what it refused on purpose (`unavailable()`), nor a
 * full queue, nor a call that came too late to be worked.
 */
export const breaks = (error: unknown): boolean =>
  statusOf(error) >= 500 &&
  !isType(error, "QUEUE_FULL", "REQUEST_SKIPPED", "BROKEN_CONTRACT") &&
  !isDeliberate(error);

/** NATS as the store uses it: reconnects at once and for ever, and is known to the server by the node's name. */
export function natsTransporter(config: Config): BrokerOptions["transporter"] {
  if (config.transporter === undefined) return null;
  if (config.transporter.startsWith("fake:")) return "Fake";
  const urls = config.transporter.split(",").map((one) => new URL(one.trim()));
  const [first] = urls as [URL];
  return {
    type: "NATS",
    options: {
      servers: urls.map((url) => url.host),
      ...(first.username && {
        user: decodeURIComponent(first.username),
        pass: decodeURIComponent(first.password),
      }),
      ...(first.protocol === "tls:" && { tls: {} }),
      ...(config.nodeID !== undefined && { name: config.nodeID }),
      reconnectTimeWait: 50,
      reconnectJitter: 50,
      maxReconnectAttempts: -1,
      pingInterval: 5000,
    },
  };
}
