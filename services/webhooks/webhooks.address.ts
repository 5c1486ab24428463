import { lookup as resolve, type LookupAddress } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { urlRefused } from "./webhooks.errors.ts";

/** Milliseconds to wait for a name when an endpoint is saved; the connection checks it again anyway. */
const patience = 1500;

const refused = new BlockList();
const refusedBlocks: readonly [address: string, bits: number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];
for (const [address, bits] of refusedBlocks) refused.addSubnet(address, bits, "ipv4");

/** Global unicast, without the blocks that embed an IPv4 address, are for documentation or for protocols. */
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");
const refused6 = new BlockList();
for (const [address, bits] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  refused6.addSubnet(address, bits, "ipv6");

/** An address that anybody on the internet could reach. */
export function isPublic(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, "");
  const family = isIP(plain);
  if (family === 4) return !refused.check(plain, "ipv4");
  return family === 6 && global6.check(plain, "ipv6") && !refused6.check(plain, "ipv6");
}

const inHouse = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|localdomain)\.?$/;

/** Names without a dot, and names that only a house's own network knows. */
const isInHouse = (host: string): boolean => inHouse.test(host) || !host.includes(".");

const notPublic = (host: string): Error =>
  Object.assign(new Error(`${host} is not a public address`), { code: "ADDRESS_REFUSED" });

/** Why a URL's own text rules it out; undefined when it does not. `URL` has already made `0x7f.1` into `127.0.0.1`. */
export function refusalOf(url: URL): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") return "must begin with https:// or http://";
  if (url.username !== "" || url.password !== "") return "must not hold a user name or password";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) > 0) return isPublic(host) ? undefined : "must be a public address";
  return isInHouse(host) ? "must be a public name" : undefined;
}

/** `dns.lookup` that answers nothing when one of the name's addresses is not public: the sockets use what is checked here. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, []);
    if (found.length === 0 || !found.every(({ address }) => isPublic(address)))
      return callback(notPublic(hostname), []);
    const first = found[0] as LookupAddress;
    if (options.all) callback(null, found);
    else callback(null, first.address, first.family);
  });
};

/** Checks the address when a request is made; a name is checked by `publicLookup` while it connects. */
export function checkTarget(url: URL): void {
  if (refusalOf(url) !== undefined) throw notPublic(url.hostname);
}

interface UrlRules {
  readonly production: boolean;
  readonly allowPrivate: boolean;
}

/** Checks a URL before it is saved. A name that cannot be resolved now is left to the check of each connection. */
export async function checkUrl(text: string, { production, allowPrivate }: UrlRules): Promise<string> {
  if (!URL.canParse(text)) throw urlRefused("is not a URL");
  const url = new URL(text);
  url.hash = "";
  if (production && url.protocol !== "https:") throw urlRefused("must begin with https://");
  if (allowPrivate && /^https?:$/.test(url.protocol)) return url.href;
  const why = refusalOf(url);
  if (why !== undefined) throw urlRefused(why);
  if (await pointsInside(url.hostname)) throw urlRefused("must be a name of public addresses only");
  return url.href;
}

function pointsInside(host: string): Promise<boolean> {
  if (isIP(host.replace(/^\[|\]$/g, "")) > 0) return Promise.resolve(false);
  return new Promise((done) => {
    const timer = setTimeout(() => done(false), patience);
    resolve(host, { all: true }, (error, found) => {
      clearTimeout(timer);
      done(!error && !found.every(({ address }) => isPublic(address)));
    });
  });
}
