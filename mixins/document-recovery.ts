import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";

const TRAILER = /^\{"\$\$frame":\{"crc":(\d+),"bytes":(\d+)\}\}$/;
const LINE_BREAK = 10;
/** No trailer is longer. */
const TRAILER_BYTES = 60;

/** State of a walk over the frames of a file. */
interface Walk {
  /** Bytes that whole frames cover from the start. */
  whole: number;
  position: number;
  crc: number;
  bytes: number;
  /** A frame that is not whole was met. */
  torn: boolean;
}

const damaged = (path: string): Error =>
  Object.assign(new Error(`${path} is damaged before its end: restore it from a backup.`), {
    type: "DATA_DAMAGED",
  });

function* linesOf(chunk: Buffer, rest: Buffer): Generator<Buffer> {
  const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  let start = 0;
  for (let end = data.indexOf(LINE_BREAK); end >= 0; end = data.indexOf(LINE_BREAK, start)) {
    yield data.subarray(start, end + 1);
    start = end + 1;
  }
  yield data.subarray(start);
}

function takeLine(walk: Walk, line: Buffer, path: string): void {
  walk.position += line.length;
  const trailer = line.length > TRAILER_BYTES ? null : TRAILER.exec(line.toString("latin1").trimEnd());
  if (!trailer) {
    walk.crc = crc32(line, walk.crc);
    walk.bytes += line.length;
    return;
  }
  const whole = Number(trailer[1]) === walk.crc && Number(trailer[2]) === walk.bytes;
  // A frame is written only after the one before it is on disk: a whole or a shorter one behind a torn one is damage.
  if (walk.torn || (!whole && Number(trailer[2]) !== walk.bytes)) throw damaged(path);
  if (whole) walk.whole = walk.position;
  else walk.torn = true;
  walk.crc = 0;
  walk.bytes = 0;
}

async function walkFrames(path: string): Promise<Walk> {
  const walk: Walk = { whole: 0, position: 0, crc: 0, bytes: 0, torn: false };
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let last: Buffer = Buffer.alloc(0);
    for (const line of linesOf(chunk, rest)) {
      if (line.at(-1) === LINE_BREAK) takeLine(walk, line, path);
      else last = line;
    }
    rest = last;
  }
  walk.position += rest.length;
  return walk;
}

/**
 * Cuts off the last batch when a crash left it unfinished: its writers were never answered. Any other damage is refused.
 * @returns the number of bytes that were cut off.
 * @throws `DATA_DAMAGED` when a frame before the last is broken, or the file is not one of this store.
 */
export async function dropTornTail(path: string): Promise<number> {
  const file = await open(path, "a+", 0o600);
  try {
    const { size } = await file.stat();
    if (size === 0) return 0;
    const walk = await walkFrames(path);
    if (walk.whole === 0) throw damaged(path);
    if (walk.whole === size) return 0;
    await file.truncate(walk.whole);
    await file.sync();
    return size - walk.whole;
  } finally {
    await file.close();
  }
}
