import { pipeline, type Readable } from "node:stream";
import type { Caller } from "../../contract/implement.ts";
import { dataPolicy, matches, type Header } from "./gateway.answers.ts";
import { notFoundPath } from "./gateway.errors.ts";
import type { Exchange } from "./gateway.types.ts";

const file = /^\/media\/([0-9a-f]{32}-(?:400|800|1600)\.webp)$/;

export const isMedia = (path: string): boolean => path.startsWith("/media/");

/** Answers the files of uploaded pictures. Their names are made of their content: a browser never asks twice. */
export function media(caller: Pick<Caller, "call">, common: readonly Header[]) {
  const headers = [
    ...common.flat(),
    ...["Content-Security-Policy", dataPolicy, "Content-Type", "image/webp"],
    ...["Cache-Control", "public, max-age=31536000, immutable"],
  ];
  return async (exchange: Exchange): Promise<void> => {
    const { req, res, path, id } = exchange;
    const name = file.exec(path)?.[1];
    if (name === undefined) throw notFoundPath();
    const etag = `"${name.replace(".webp", "")}"`;
    const all = [...headers, "ETag", etag, "X-Request-ID", id, ...exchange.headers];
    if (matches(req.headers["if-none-match"], etag)) return void res.writeHead(304, all).end();
    const bytes = (await caller.call("products.pictureFile", { file: name })) as Readable;
    res.writeHead(200, all);
    if (req.method !== "HEAD") return void pipeline(bytes, res, () => undefined);
    bytes.destroy();
    res.end();
  };
}
