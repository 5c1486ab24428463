import { join } from "node:path";
import process from "node:process";
import { environment } from "../../moleculer.config.ts";
import { SERVER_ENV, serverFlags } from "../bootstrap/server-flags.mjs";
import { startChild, untilUp, type Child } from "./child.ts";
import type { NodePlan } from "./layout.ts";

const script = join(import.meta.dirname, "../start-store.ts");
/** What a node takes over from the surroundings: where programs are, and where compiled modules lie. */
const inherited = ["PATH", "HOME", "JAVA_HOME", "TMPDIR", "NODE_COMPILE_CACHE"];

/** A node of the cluster that can be ended and started again under the same name. */
export class ClusterNode {
  readonly plan: NodePlan;
  /** Where a gateway listens; 0 for others. */
  readonly port: number;
  readonly #env: Record<string, string>;
  readonly #say: (line: string) => void;
  #child: Child | undefined;

  constructor(plan: NodePlan, port: number, env: Record<string, string>, say: (line: string) => void) {
    this.plan = plan;
    this.port = port;
    this.#env = env;
    this.#say = say;
  }

  get running(): boolean {
    return this.#child?.running ?? false;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it and waits until it says that it is ready. */
  async start(): Promise<void> {
    const surroundings = environment();
    const system = inherited.flatMap((name) => {
      const value = surroundings[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    let ready = false;
    const child = startChild(
      process.execPath,
      [...serverFlags(this.#env), script],
      {
        env: {
          ...SERVER_ENV,
          ...Object.fromEntries(system),
          ...this.#env,
          NODEID: this.plan.id,
          SERVICES: this.plan.services.join(","),
          PORT: String(this.port),
        },
      },
      (line) => {
        if (line.startsWith("Valence is ready")) ready = true;
        this.#say(line);
      },
    );
    this.#child = child;
    await untilUp(this.plan.id, child, () => ready, 90_000);
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.signal(name);
  }

  /** Ends as an operator would: drains first. */
  async stop(): Promise<number | null> {
    return (await this.#child?.end("SIGTERM")) ?? null;
  }

  /** Ends as a power cut would. */
  async kill(): Promise<void> {
    await this.#child?.end("SIGKILL");
  }
}
