import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

const plain = (address: string): string => (address.startsWith("::ffff:") ? address.slice(7) : address);
const family = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");

/**
 * Makes the function that tells a client's address: the socket's, unless that is a trusted proxy; then the right-most
 * entry of `X-Forwarded-For` that no trusted proxy wrote for another.
 * @param trusted addresses and CIDR blocks
 */
export function clientAddress(trusted: readonly string[]): (req: IncomingMessage) => string {
  const proxies = blockList(trusted);
  const isProxy = (address: string): boolean =>
    isIP(address) !== 0 && proxies.check(address, family(address));
  return (req) => {
    const socket = plain(req.socket.remoteAddress ?? "");
    if (trusted.length === 0 || !isProxy(socket)) return socket;
    const header = req.headers["x-forwarded-for"];
    const hops = (Array.isArray(header) ? header.join(",") : (header ?? "")).split(",");
    for (let index = hops.length - 1; index >= 0; index--) {
      const hop = plain((hops[index] ?? "").trim());
      if (isIP(hop) === 0) return socket;
      if (!isProxy(hop)) return hop;
    }
    return socket;
  };
}

function blockList(trusted: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of trusted) {
    const [address = "", bits] = entry.split("/");
    if (bits === undefined) list.addAddress(address, family(address));
    else list.addSubnet(address, Number(bits), family(address));
  }
  return list;
}
