import { hash, randomBytes } from "node:crypto";

/** W3C Trace Context, version 00: where a caller stands in its trace. */
export interface TraceParent {
  readonly traceID: string;
  readonly spanID: string;
  readonly sampled: boolean;
}

const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whose a `traceparent` says that it is, unproved: enough to see whether it concerns anybody here. */
export const traceIn = (text: string): string => text.slice(3, 35);
/** Whether a `traceparent` claims to be sampled, unproved. */
export const claimsSampled = (text: string): boolean => (Number.parseInt(text.slice(-1), 16) & 1) === 1;

/** Undefined for what is no valid `traceparent`. */
export function parseTraceParent(text: unknown): TraceParent | undefined {
  if (typeof text !== "string" || text.length !== 55) return undefined;
  const match = traceparent.exec(text);
  if (match === null) return undefined;
  const [, traceID, spanID, flags] = match as unknown as [string, string, string, string];
  if (/^0+$/.test(traceID) || /^0+$/.test(spanID)) return undefined;
  return { traceID, spanID, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export const formatTraceParent = ({ traceID, spanID, sampled }: TraceParent): string =>
  `00-${traceID}-${spanID}-${sampled ? "01" : "00"}`;

/** The trace of a request that came without one: the same on every node that knows the request's id. */
export const traceOfRequest = (requestID: string): string =>
  uuid.test(requestID) ? requestID.replaceAll("-", "") : hash("sha256", requestID, "hex").slice(0, 32);

/** Ids of this process's spans: a random beginning and a counter, written out only where somebody reads them. */
const mark = randomBytes(4).toString("hex");
let count = 0;
export const nextSpanNumber = (): number => (count = (count + 1) % 0xffff_ffff);
export const spanIdOf = (number: number): string => mark + number.toString(16).padStart(8, "0");
