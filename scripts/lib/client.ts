import { Agent, request } from "node:http";

export interface Answer<T = unknown> {
  status: number;
  body: T;
  headers: NodeJS.Dict<string | string[]>;
  /** Milliseconds from sending to the last byte. */
  ms: number;
}

export interface Asked {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Milliseconds until the request is given up. */
  timeout?: number;
}

/** A small HTTP client over kept connections, cheap enough to share the machine with the store that it measures. */
export class Client {
  readonly #url: URL;
  readonly #agent: Agent;

  constructor(url: string, connections = 64) {
    this.#url = new URL(url);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** @throws when no answer comes: the effect is then unknown. */
  send<T = unknown>({
    method = "GET",
    path,
    body,
    headers = {},
    timeout = 30_000,
  }: Asked): Promise<Answer<T>> {
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const kind = typeof body === "string" ? {} : { "content-type": "application/json" };
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          agent: this.#agent,
          hostname: this.#url.hostname,
          port: this.#url.port,
          method,
          path: `/api/v1${path}`,
          headers: {
            ...(text === undefined ? {} : { ...kind, "content-length": Buffer.byteLength(text) }),
            ...headers,
          },
          timeout,
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () => {
            const raw = Buffer.concat(chunks).toString();
            const json = answer.headers["content-type"]?.includes("json") === true;
            resolve({
              status: answer.statusCode ?? 0,
              body: (json ? JSON.parse(raw) : raw) as T,
              headers: answer.headers,
              ms: performance.now() - started,
            });
          });
        },
      );
      sent.on("error", reject);
      sent.on("timeout", () => sent.destroy(new Error(`no answer within ${timeout} ms`)));
      sent.end(text);
    });
  }

  /** An answer of this status, or an error that shows what came instead. */
  async expect<T>(status: number, asked: Asked): Promise<T> {
    const answer = await this.send<T>(asked);
    if (answer.status !== status)
      throw new Error(
        `${asked.method ?? "GET"} ${asked.path}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 500)}`,
      );
    return answer.body;
  }

  close(): void {
    this.#agent.destroy();
  }
}

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** Signs in; answers the headers of further requests. */
export async function login(
  client: Client,
  email: string,
  password: string,
): Promise<Record<string, string>> {
  const { accessToken } = await client.expect<{ accessToken: string }>(200, {
    method: "POST",
    path: "/auth/login",
    body: { email, password },
  });
  return bearer(accessToken);
}
