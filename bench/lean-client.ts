import { connect, type Socket } from "node:net";

export interface LeanAnswer {
  status: number;
  body: string;
}

const END_OF_HEAD = "\r\n\r\n";

/**
 * HTTP/1.1 over one kept connection, one request at a time, with no more work than an answer with `Content-Length` needs:
 * the load must not take the CPU of what it measures.
 */
export class LeanClient {
  readonly #socket: Socket;
  readonly #host: string;
  #buffer: Buffer = Buffer.alloc(0);
  #waiting: { resolve(answer: LeanAnswer): void; reject(error: Error): void } | undefined;

  constructor(url: URL) {
    this.#host = url.host;
    this.#socket = connect(Number(url.port), url.hostname);
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#socket.on("error", (error) => this.#waiting?.reject(error));
    this.#socket.on("close", () => this.#waiting?.reject(new Error("The connection was closed.")));
  }

  send(method: string, path: string, body: string, headers: string): Promise<LeanAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(
        `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`,
      );
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const head = this.#buffer.indexOf(END_OF_HEAD);
    if (head < 0) return;
    const text = this.#buffer.toString("latin1", 0, head);
    const length = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
    const end = head + END_OF_HEAD.length + length;
    if (this.#buffer.length < end) return;
    const body = this.#buffer.toString("utf8", head + END_OF_HEAD.length, end);
    this.#buffer = this.#buffer.subarray(end);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status: Number(text.slice(9, 12)), body });
  }
}
