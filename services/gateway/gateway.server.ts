import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import { http } from "../../contract/node-http.ts";
import type { Gateway } from "./gateway.types.ts";

/** Milliseconds. An upload may take long; JSON bodies have a limit of their own (gateway.body.ts). */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 600_000,
  /** Above the idle time of common load balancers (60 s). */
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1000,
};
/** Milliseconds without a byte in either direction; streams are exempt. */
const silence = 60_000;

const refusals: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** The HTTP server of a gateway, its limits set; moleculer-web opens and closes it. */
export function httpServer(gateway: Gateway): Server {
  const server = http.createServer(
    { ...limits, maxHeaderSize: 16_384, insecureHTTPParser: false },
    gateway.httpHandler,
  );
  server.timeout = silence;
  server.on("clientError", (error: NodeJS.ErrnoException, socket) =>
    refuseSocket(error, socket, gateway.newId()),
  );
  return server;
}

/** What is not HTTP gets a problem too, and the connection ends. */
function refuseSocket(error: NodeJS.ErrnoException, socket: Duplex, requestId: string): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = refusals[error.code ?? ""] ?? 400;
  const title = http.STATUS_CODES[status] ?? "Bad Request";
  const code = title.toUpperCase().replaceAll(" ", "_");
  const type = `urn:valence:problem:${code.toLowerCase().replaceAll("_", "-")}`;
  const detail = "The request could not be read.";
  const body = JSON.stringify({ type, title, status, detail, code, requestId });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/**
 * Takes no new connection and waits until every request is answered. Ends what would keep the server open: live streams,
 * and connections that wait for a next request.
 */
export async function closeServer(gateway: Gateway): Promise<void> {
  const { server } = gateway;
  gateway.draining = true;
  for (const stream of gateway.streams) stream.destroy();
  if (!server.listening) return;
  // A request that came before the drain leaves its connection open behind its answer.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  await new Promise<void>((resolve) => server.close(() => resolve())).finally(() => clearInterval(sweep));
}
