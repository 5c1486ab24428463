import { randomFillSync } from "node:crypto";

const SEQUENCE_LIMIT = 0x1000;
const RANDOM_BYTES = 8;
/** Asking for randomness costs much more than using it, so it is asked for in bulk. */
const BULK = 512 * RANDOM_BYTES;

/**
 * Makes UUIDv7s (RFC 9562) that never go backwards: the twelve bits behind the milliseconds count the ids of one
 * millisecond, and a clock that steps back keeps the last millisecond.
 */
export function uuidv7(clock: { now(): number }): () => string {
  let last = 0;
  let sequence = 0;
  const bulk = Buffer.alloc(BULK);
  let used = BULK;
  return () => {
    const now = clock.now();
    if (now > last) {
      last = now;
      sequence = 0;
    } else if (++sequence >= SEQUENCE_LIMIT) {
      last += 1;
      sequence = 0;
    }
    if (used === BULK) {
      randomFillSync(bulk);
      used = 0;
    }
    const random = bulk.subarray(used, (used += RANDOM_BYTES));
    random[0] = ((random[0] as number) & 0x3f) | 0x80;
    const time = last.toString(16).padStart(12, "0");
    const tail = random.toString("hex");
    const count = sequence.toString(16).padStart(3, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${tail.slice(0, 4)}-${tail.slice(4)}`;
  };
}
