/** One process: the broker on a port of its own, and before it Vite, which hands everything but the front end on. */
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { createServer as createVite } from "vite";

const host = process.env.HOST ?? "127.0.0.1";
const port = Number(process.env.PORT ?? 3000);
const inner = await freePort();
const target = `http://127.0.0.1:${inner}`;

process.env.PORT = String(inner);
process.env.HOST = "127.0.0.1";
// Links in mails and from the payment page lead to the port that people see.
process.env.PUBLIC_URL ??= `http://${host}:${port}`;
process.env.CHECK_ANSWERS ??= "on";
await import("./start-store.ts");

const vite = await createVite({
  configFile: join(import.meta.dirname, "../public/vite.config.ts"),
  configLoader: "native",
  root: join(import.meta.dirname, "../public"),
  server: {
    host,
    port,
    strictPort: true,
    proxy: { "/api": target, "/media": target, "/health": target, "/metrics": target },
  },
});
await vite.listen();
console.log(`  Dev    http://${host}:${port}/ (the front end's changes show at once)`);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}
