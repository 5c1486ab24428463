import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { connect, type NatsConnection } from "nats";
import { startChild, untilUp, type Child } from "../../scripts/cluster/child.ts";
import { makeCertificates } from "../../scripts/deploy/certificates.ts";
import { natsAccounts } from "../../scripts/deploy/nats-accounts.ts";
import type { Roles } from "../../scripts/deploy/roles.ts";
import { SecretFiles } from "../../scripts/deploy/secret-files.ts";
import { freePort } from "../helpers/store.ts";

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = dial(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });

/** A NATS server with the accounts of a deployment and TLS, as Kubernetes runs it. */
export class GuardedNats {
  readonly port: number;
  readonly #folder: string;
  readonly #authority: string;
  readonly #passwords: Record<string, string>;
  readonly #child: Child;
  readonly #open: NatsConnection[] = [];
  readonly refusals: string[];

  private constructor(
    parts: Pick<GuardedNats, "port" | "refusals">,
    folder: string,
    files: SecretFiles,
    passwords: Record<string, string>,
    child: Child,
  ) {
    this.port = parts.port;
    this.refusals = parts.refusals;
    this.#folder = folder;
    this.#authority = files.make("nats/ca.crt", String);
    this.#passwords = passwords;
    this.#child = child;
  }

  static async start(program: string, roles: Roles): Promise<GuardedNats> {
    const folder = mkdtempSync(join(tmpdir(), "valence-nats-"));
    const files = new SecretFiles(folder);
    makeCertificates(files, "nats", ["127.0.0.1", "localhost"]);
    const passwords = files.passwords("password_", [...Object.keys(roles), "presence"]);
    const port = await freePort();
    const at = (name: string) => JSON.stringify(join(folder, "nats", name));
    const tls = `tls { cert_file: ${at("tls.crt")}, key_file: ${at("tls.key")}, ca_file: ${at("ca.crt")} }`;
    const text = `listen: "127.0.0.1:${port}"\n${tls}\n${natsAccounts(roles, passwords)}`;
    writeFileSync(join(folder, "nats.conf"), text);
    const refusals: string[] = [];
    const child = startChild(program, ["-c", join(folder, "nats.conf")], { cwd: folder }, (line) => {
      if (line.includes("Violation")) refusals.push(line);
    });
    const server = new GuardedNats({ port, refusals }, folder, files, passwords, child);
    await untilUp("nats-server", child, () => answers(port), 15_000);
    // Every connection of this process, as NODE_EXTRA_CA_CERTS does it for a node's.
    setDefaultCACertificates([...getCACertificates("default"), server.#authority]);
    return server;
  }

  url(user: string): string {
    return `tls://${user}:${this.#passwords[user] ?? "wrong"}@127.0.0.1:${this.port}`;
  }

  async login(user: string | undefined, pass?: string): Promise<NatsConnection> {
    const connection = await connect({
      servers: `127.0.0.1:${this.port}`,
      reconnect: false,
      tls: { ca: this.#authority },
      ...(user !== undefined && { user, pass: pass ?? this.#passwords[user] ?? "wrong" }),
    });
    this.#open.push(connection);
    return connection;
  }

  passwordOf(user: string): string {
    return this.#passwords[user] as string;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#open.map((connection) => connection.close()));
    await this.#child.end("SIGTERM");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
