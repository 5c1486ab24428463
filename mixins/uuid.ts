import { randomFillSync } from "node:crypto";

const SEQUENCE_LIMIT = 0x1000;
const RANDOM_BYTES = 8;
/** Asking for randomness costs much more than using it, so it is asked for in bulk, and written in digits once. */
const BULK = 512 * RANDOM_BYTES;

/** The random parts of many ids: 16 hexadecimal digits each, the first two bits of which are `10` (RFC 9562, 4.1). */
function randomDigits(bytes: Buffer): string {
  randomFillSync(bytes);
  for (let i = 0; i < bytes.length; i += RANDOM_BYTES) bytes[i] = ((bytes[i] as number) & 0x3f) | 0x80;
  return bytes.toString("hex");
}

/**
 * Makes UUIDv7s (RFC 9562) that never go backwards: the twelve bits behind the milliseconds count the ids of one
 * millisecond, and a clock that steps back keeps the last millisecond.
 */
export function uuidv7(clock: { now(): number }): () => string {
  let last = 0;
  let time = "";
  let sequence = 0;
  const bulk = Buffer.alloc(BULK);
  let random = "";
  let used = 0;
  const setTime = (ms: number): void => {
    last = ms;
    sequence = 0;
    const digits = ms.toString(16).padStart(12, "0");
    time = `${digits.slice(0, 8)}-${digits.slice(8)}-7`;
  };
  setTime(0);
  return () => {
    const now = clock.now();
    if (now > last) setTime(now);
    else if (++sequence >= SEQUENCE_LIMIT) setTime(last + 1);
    if (used === random.length) {
      random = randomDigits(bulk);
      used = 0;
    }
    const at = used;
    used += 2 * RANDOM_BYTES;
    const count = sequence.toString(16).padStart(3, "0");
    return `${time}${count}-${random.slice(at, at + 4)}-${random.slice(at + 4, used)}`;
  };
}
