import { setTimeout as delay } from "node:timers/promises";
import { login, type Client } from "../lib/client.ts";
import { freePort, startStoreProcess, type StoreProcess } from "../lib/store-process.ts";

const email = "admin@example.com";
const password = "correct horse battery";
/** Milliseconds until a sign-in is given up. */
const PATIENCE_MS = 60_000;

/** A store that is killed and started again on the same port and data. */
export class Victim {
  readonly starts: number[] = [];
  readonly url: string;
  readonly #env: Record<string, string>;
  #store: StoreProcess | undefined;

  private constructor(env: Record<string, string>) {
    this.#env = env;
    this.url = `http://127.0.0.1:${env["PORT"] ?? ""}`;
  }

  static async start(dataDir: string, more: Record<string, string> = {}): Promise<Victim> {
    const victim = new Victim({
      DATA_DIR: dataDir,
      PORT: String(await freePort()),
      ADMIN_EMAIL: email,
      ADMIN_PASSWORD: password,
      RATE_LIMITS: "off",
      SAMPLE_DATA: "off",
      ...more,
    });
    await victim.restart();
    return victim;
  }

  async restart(): Promise<void> {
    this.#store = await startStoreProcess(this.#env);
    this.starts.push(this.#store.readyAfter);
  }

  async kill(): Promise<void> {
    await this.#store?.kill();
  }

  async stop(): Promise<number | null> {
    return (await this.#store?.stop()) ?? null;
  }
}

/** Signs in as a member of staff, again when the token is about to end. */
export function staffOf(client: Client): () => Promise<Record<string, string>> {
  let known: { headers: Promise<Record<string, string>>; until: number } | undefined;
  const signIn = async (): Promise<Record<string, string>> => {
    for (const deadline = performance.now() + PATIENCE_MS; ;)
      try {
        return await login(client, email, password);
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(50);
      }
  };
  return () => {
    if (!known || performance.now() > known.until)
      known = { headers: signIn(), until: performance.now() + 600_000 };
    return known.headers;
  };
}
