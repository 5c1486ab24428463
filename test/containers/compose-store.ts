import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { databaseSchemes, databaseVariable } from "../../config/settings.ts";
import { freePort } from "../helpers/store.ts";
import { eventually } from "../helpers/eventually.ts";
import { root, yamlOf } from "../unit/deploy/yaml.ts";
import type { Engine } from "./engine.ts";
import type { Images } from "./image.ts";
import { run } from "./run.ts";

const project = `valence-test-${process.pid}`;
const readyPage = "http://127.0.0.1:9100/ready";

/** The store of docker-compose.yml. */
export class ComposeStore {
  readonly image: string;
  readonly folder: string;
  readonly #engine: Engine;
  readonly #env: Record<string, string>;
  readonly url: string;

  private constructor(engine: Engine, image: string, folder: string, port: number, images: Images) {
    this.#engine = engine;
    this.image = image;
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.#env = {
      ...images,
      VALENCE_IMAGE: image,
      SHOP_PORT: String(port),
      PUBLIC_URL: this.url,
      SECRETS_DIR: this.#secretsFolder,
    };
  }

  static async make(engine: Engine, image: string, folder: string, images: Images): Promise<ComposeStore> {
    const store = new ComposeStore(engine, image, folder, await freePort(), images);
    await run(process.execPath, [join(root, "scripts/deploy-secrets.ts"), store.#secretsFolder]);
    // The stand-in for MongoDB knows no passwords.
    if (engine.own)
      writeFileSync(join(store.#secretsFolder, "products_db_url"), "mongodb://mongo:27017/products", {
        mode: 0o644,
      });
    return store;
  }

  get #secretsFolder(): string {
    return join(this.folder, "secrets");
  }

  get adminPassword(): string {
    return readFileSync(join(this.#secretsFolder, "admin_password"), "utf8").trim();
  }

  compose(...args: string[]): Promise<string> {
    return this.#engine.compose(["-p", project, "-f", join(root, "docker-compose.yml"), ...args], {
      env: this.#env,
      most: 300_000,
    });
  }

  /** Brings services up and waits until each of their containers is ready. */
  async up(...services: string[]): Promise<void> {
    const one = services.length > 0 ? ["--no-deps", "--no-recreate"] : [];
    // Compose 1 gives up on the first check that comes late on a busy machine.
    await eventually(() => this.compose("up", "-d", ...one, ...services).then(() => true), 300_000);
    for (const name of services) await this.untilReady(name);
  }

  /** Ids of the containers of a service. */
  async containers(service: string): Promise<string[]> {
    return (await this.compose("ps", "-q", service)).split("\n").filter(Boolean);
  }

  async untilReady(service: string): Promise<void> {
    for (const id of await this.containers(service))
      await eventually(
        () => this.exec(id, "node", "scripts/healthcheck.mjs", readyPage).then(() => true),
        90_000,
      );
  }

  exec(id: string, ...command: string[]): Promise<string> {
    return this.#engine.docker(["exec", id, ...command], { most: 30_000 });
  }

  /** One container after the other goes in peace and a new one takes its place, as an upgrade does it. */
  async roll(service: string): Promise<void> {
    for (const id of await this.containers(service)) {
      await this.#engine.docker(["stop", id]);
      await this.#engine.docker(["rm", id]);
      await this.up(service);
    }
  }

  async kill(id: string): Promise<void> {
    await this.#engine.docker(["kill", id]);
    await this.#engine.docker(["rm", id]);
  }

  /** `npm run verify` beside the databases. */
  verify(): Promise<string> {
    const urls = Object.keys(databaseSchemes).flatMap((actor) => [
      ...["-v", `${join(this.#secretsFolder, `${actor}_db_url`)}:/run/secrets/${actor}_db_url:ro`],
      ...["-e", `${databaseVariable(actor)}_FILE=/run/secrets/${actor}_db_url`],
    ]);
    const env = ["-e", "NODE_ENV=", "-e", "HOST=127.0.0.1", "-e", "DATA_DIR=/tmp"];
    const command = ["node", "scripts/verify.ts"];
    return this.#engine.docker([
      ...["run", "--rm", "--network", `${project}_store`],
      ...urls,
      ...env,
      this.image,
      ...command,
    ]);
  }

  async down(): Promise<void> {
    await this.compose("down", "--volumes", "--remove-orphans", "--timeout", "10");
  }

  /** What of the project is still there. */
  async left(): Promise<string[]> {
    const label = ["--filter", `label=com.docker.compose.project=${project}`];
    const lists = [
      ["ps", "-aq", ...label],
      ["network", "ls", "-q", ...label],
      ["volume", "ls", "-q", ...label],
    ];
    const found = await Promise.all(lists.map((list) => this.#engine.docker(list)));
    return found.flatMap((text) => text.split("\n").filter(Boolean));
  }
}

/** Services of docker-compose.yml that run the store's own image. */
export const nodeServices = (): string[] =>
  Object.entries(yamlOf<{ services: Record<string, { image: string }> }>("docker-compose.yml").services)
    .filter(([, { image }]) => image.includes("VALENCE_IMAGE"))
    .map(([name]) => name);
