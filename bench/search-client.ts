import { fork, type ChildProcess } from "node:child_process";
import type { Order } from "./search-node.ts";
import type { SearchSource } from "./search-source.ts";

export interface Status {
  ready: boolean;
  /** Bytes. */
  rss: number;
  bytes: number;
  products: number;
  /** Milliseconds of CPU that the process used so far. */
  cpu: number;
}

/** A search node in a process of its own; this process plays its sources. */
export class SearchNode {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: never) => void>();
  readonly #started: Promise<void>;
  #orders = 0;

  constructor(source: SearchSource, services: string, port = 0) {
    this.#child = fork(new URL("./search-node.ts", import.meta.url), [services, String(port)]);
    this.#started = new Promise((resolve) => {
      this.#child.on("message", (message: { started?: boolean }) => {
        if (message.started) resolve();
      });
    });
    this.#child.on("message", (message: { call?: number; action: string; params: never }) => {
      if (message.call !== undefined)
        this.#child.send({ call: message.call, answer: source.answer(message.action, message.params) });
    });
    this.#child.on("message", (message: { id?: number; answer: never }) => {
      if (message.id !== undefined) this.#waiting.get(message.id)?.(message.answer);
    });
  }

  order<T>(order: Order): Promise<T> {
    return new Promise((resolve) => {
      this.#waiting.set(++this.#orders, resolve);
      this.#child.send({ order, id: this.#orders });
    });
  }

  status(): Promise<Status> {
    return this.order({ do: "status" });
  }

  /** Milliseconds from the start of the actor until its index was built. */
  async built(): Promise<number> {
    await this.#started;
    const start = performance.now();
    while (!(await this.status()).ready) await new Promise((resolve) => setTimeout(resolve, 20));
    return performance.now() - start;
  }

  /** Changes ten of `count` products each 100 ms until the answered function is called. */
  keepWriting(source: SearchSource, count: number): () => void {
    let n = 0;
    const timer = setInterval(() => {
      const ids = Array.from({ length: 10 }, () => source.change((n += 7919) % count));
      void this.order({ do: "touch", ids });
    }, 100);
    return () => {
      clearInterval(timer);
    };
  }

  async stop(): Promise<void> {
    await this.order({ do: "stop" });
  }
}
