import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Posted {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

/** Takes whatever is posted, as a tracing server would. */
export async function collector(): Promise<{ url: string; posted: Posted[]; close(): Promise<void> }> {
  const posted: Posted[] = [];
  const server = createServer((req, res) => {
    void text(req).then((body) => {
      posted.push({ path: req.url ?? "", headers: req.headers, body: JSON.parse(body) as unknown });
      res.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted,
    close: () => new Promise((done) => server.close(() => done()).closeAllConnections()),
  };
}
