import type { ConnectionOptions } from "nats";

/** How every connection of the store to NATS behaves: it comes back at once and for ever. */
export function connectionOptions(url: string): ConnectionOptions {
  const urls = url.split(",").map((one) => new URL(one.trim()));
  const [first] = urls as [URL];
  return {
    servers: urls.map(({ host }) => host),
    ...(first.username && {
      user: decodeURIComponent(first.username),
      pass: decodeURIComponent(first.password),
    }),
    ...(first.protocol === "tls:" && { tls: {} }),
    reconnectTimeWait: 50,
    reconnectJitter: 50,
    maxReconnectAttempts: -1,
    pingInterval: 5000,
  };
}
