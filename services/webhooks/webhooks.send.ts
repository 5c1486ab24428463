import type { IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { http } from "../../contract/node-http.ts";
import { reasonOf } from "../../mixins/store-errors.ts";
import { checkTarget, publicLookup } from "./webhooks.address.ts";

/** Milliseconds for the whole exchange. */
const timeout = 10_000;
/** Characters of an answer that the log keeps, and bytes of it that are read at all. */
const kept = 2000;
const read = 16_384;

/** How a try ended. */
export interface Sent {
  status: number | null;
  answer: string | null;
  error: string | null;
  milliseconds: number;
}

export interface Message {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    // The rest is nobody's concern; leaving the loop closes the connection.
    if (size >= read) break;
  }
  return Buffer.concat(chunks).toString("utf8").replaceAll("\0", "").slice(0, kept);
}

/** Posts webhooks. It follows no redirect, and without `allowPrivate` it connects to public addresses only. */
export class Sender {
  readonly #allowPrivate: boolean;
  readonly #http = new http.Agent({ keepAlive: true, timeout: 30_000 });
  readonly #https = new HttpsAgent({ keepAlive: true, timeout: 30_000 });

  constructor(allowPrivate: boolean) {
    this.#allowPrivate = allowPrivate;
  }

  async send(message: Message): Promise<Sent> {
    const began = performance.now();
    const took = () => Math.round(performance.now() - began);
    try {
      const { status, answer } = await this.#post(message);
      const ok = status >= 200 && status < 300;
      const error = ok
        ? null
        : status >= 300 && status < 400
          ? "redirects are not followed"
          : `answered ${status}`;
      return { status, answer, error, milliseconds: took() };
    } catch (error) {
      return { status: null, answer: null, error: reasonOf(error).slice(0, 300), milliseconds: took() };
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #post({ url: text, headers, body }: Message): Promise<{ status: number; answer: string }> {
    const url = new URL(text);
    if (!this.#allowPrivate) checkTarget(url);
    const isTls = url.protocol === "https:";
    return new Promise((done, fail) => {
      const request = (isTls ? httpsRequest : http.request)(url, {
        method: "POST",
        agent: isTls ? this.#https : this.#http,
        signal: AbortSignal.timeout(timeout),
        headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
        ...(!this.#allowPrivate && { lookup: publicLookup }),
      });
      request.once("error", fail);
      request.once("response", (response) => {
        bodyOf(response).then((answer) => done({ status: response.statusCode ?? 0, answer }), fail);
      });
      request.end(body);
    });
  }
}
