import type { IncomingMessage } from "node:http";
import { refuse } from "../../contract/errors.ts";
import {
  badJson,
  bodyTooLarge,
  bodyTooSlow,
  jsonTooDeep,
  notAnArray,
  notAnObject,
  wrongMediaType,
} from "./gateway.errors.ts";

/** Bytes of a JSON or raw body. */
export const maxBody = 1_048_576;
/** Bytes of a body of many rows, and milliseconds that it may take. */
const maxRowsBody = 4 * maxBody;
const maxRowsWait = 60_000;
/** Milliseconds that a JSON or raw body may take to arrive. */
const maxWait = 10_000;
const maxDepth = 64;
/** Members and elements of a JSON body; an import is CSV, so no body of people or programs comes near. */
const maxItems = 60_000;

export const hasBody = (req: IncomingMessage): boolean =>
  req.headers["transfer-encoding"] !== undefined ||
  (req.headers["content-length"] !== undefined && req.headers["content-length"] !== "0");

/** Media type and charset, both in lower case, without further parameters. */
function mediaType(req: IncomingMessage): { type: string; charset: string } {
  const [type = "", ...parameters] = (req.headers["content-type"] ?? "").toLowerCase().split(";");
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith("charset="));
  return { type: type.trim(), charset: charset?.slice(8).replaceAll('"', "") ?? "utf-8" };
}

/** Refuses with 415 a body of another type, in another charset or compressed. */
export function expectType(req: IncomingMessage, expected: string): void {
  const { type, charset } = mediaType(req);
  const encoding = req.headers["content-encoding"] ?? "identity";
  if (type !== expected || !/^utf-?8$|^us-ascii$/.test(charset) || encoding !== "identity")
    throw wrongMediaType(`${expected} in UTF-8, not compressed`);
}

/** Refuses with 415 what does not call itself a picture or bytes, or is compressed. */
export function expectImage(req: IncomingMessage): void {
  const { type } = mediaType(req);
  const encoding = req.headers["content-encoding"] ?? "identity";
  if (!/^(image\/[\w.+-]+|application\/octet-stream)$/.test(type) || encoding !== "identity")
    throw wrongMediaType("image/jpeg, image/png, image/webp, image/avif or image/gif, not compressed");
}

/** The body as text; 413 beyond `most` bytes, 408 when it takes too long. */
export function readText(req: IncomingMessage, most = maxBody, wait = maxWait): Promise<string> {
  if (Number(req.headers["content-length"] ?? 0) > most) return Promise.reject(bodyTooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => done(bodyTooSlow()), wait);
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > most) done(bodyTooLarge());
      else chunks.push(chunk);
    };
    const onEnd = (): void => done();
    const onClose = (): void => done(refuse(400, "BODY_INCOMPLETE", "The body ended too early."));
    function done(error?: Error): void {
      clearTimeout(timer);
      req.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
      if (error) return reject(error);
      resolve((chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString("utf8"));
    }
    req.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  });
}

/** The body as a JSON object; nothing of it is echoed in a refusal. */
export async function readJson(req: IncomingMessage): Promise<Record<string, unknown>> {
  if (!hasBody(req)) return {};
  expectType(req, "application/json");
  const text = await readText(req);
  if (text === "") return {};
  measure(text, maxItems);
  const body = parsed(text);
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw notAnObject();
  return body as Record<string, unknown>;
}

/** The rows of a body: elements of a JSON array, or lines of NDJSON. What each row is is for the action to check. */
export async function readRows(req: IncomingMessage): Promise<unknown[]> {
  const isLines = /^application\/(x-)?ndjson\b/i.test(req.headers["content-type"] ?? "");
  expectType(req, isLines ? mediaType(req).type : "application/json");
  const text = await readText(req, maxRowsBody, maxRowsWait);
  measure(text, 4 * maxItems);
  if (isLines)
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map(parsed);
  const rows = parsed(text);
  if (!Array.isArray(rows)) throw notAnArray();
  return rows;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badJson();
  }
}

const quote = 34;
const backslash = 92;

/** Refuses nests and heaps before they are parsed: one pass over the text. */
function measure(text: string, most: number): void {
  let depth = 0;
  let items = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === quote) index = endOfString(text, index);
    else if (code === 123 || code === 91) {
      if (++depth > maxDepth) throw jsonTooDeep();
    } else if (code === 125 || code === 93) depth--;
    else if (code === 44 && ++items > most) throw bodyTooLarge();
  }
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  for (
    let code = text.charCodeAt(index);
    index < text.length && code !== quote;
    code = text.charCodeAt(index)
  )
    index += code === backslash ? 2 : 1;
  return index;
}
