import { mkdirSync, writeFileSync } from "node:fs";
import { connect as dial } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { environment } from "../../moleculer.config.ts";
import { startChild, untilUp, type Child } from "./child.ts";
import { findProgram } from "./programs.ts";
import { freePort } from "../lib/store-process.ts";

export interface NatsServer {
  readonly url: string;
  /** The login of the gateways, which may only listen to who goes. */
  readonly sysUrl: string;
  readonly child: Child;
  restart(): Promise<void>;
  kill(): Promise<void>;
}

/** One account for the store's nodes; the system login may subscribe to who leaves, and no more. */
const configuration = (port: number): string => `
listen: "127.0.0.1:${port}"
max_payload: 8MB
ping_interval: "5s"
ping_max: 2
accounts: {
  STORE: { users: [{ user: store, password: store }] }
  SYS: {
    users: [{
      user: presence, password: presence,
      permissions: { publish: { deny: ">" }, subscribe: ["$SYS.ACCOUNT.*.DISCONNECT"] }
    }]
  }
}
system_account: SYS
`;

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = dial(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });

/**
 * The server's threads look for work before they sleep, which takes the CPU from the nodes beside it: with one thread instead of two on
 * 2 cores a checkout over NATS costs 7 % less.
 */
const threads = Math.max(1, Math.floor(availableParallelism() / 4));

/** Starts a NATS server of its own on a free port. */
export async function startNats(folder: string): Promise<NatsServer> {
  const program = findProgram("nats-server");
  if (program === undefined) throw new Error("nats-server is not installed.");
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const file = join(folder, "nats.conf");
  writeFileSync(file, configuration(port));
  const start = async (): Promise<Child> => {
    const child = startChild(program, ["-c", file], {
      cwd: folder,
      env: { ...environment(), GOMAXPROCS: String(threads) },
    });
    await untilUp("nats-server", child, () => answers(port), 15_000);
    return child;
  };
  let child = await start();
  return {
    url: `nats://store:store@127.0.0.1:${port}`,
    sysUrl: `nats://presence:presence@127.0.0.1:${port}`,
    get child() {
      return child;
    },
    kill: async () => void (await child.end("SIGKILL")),
    async restart() {
      child = await start();
    },
  };
}
