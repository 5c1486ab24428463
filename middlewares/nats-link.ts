import type { ServiceBroker } from "moleculer";

/** What the store uses of Moleculer's NATS transporter and its client. */
interface NatsTransit {
  tx?: { client?: { status(): AsyncIterable<{ type: string }> } | null };
}

interface Listener {
  /** The connection broke: what was on its way may be lost. */
  lost?(): void;
  /** The connection is there again. */
  back?(): void;
}

/** This node's connection to NATS, which the client repairs by itself. */
export class NatsLink {
  readonly #listeners: Listener[] = [];
  #waiting: (() => void)[] = [];
  #up = true;

  get up(): boolean {
    return this.#up;
  }

  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Waits for the connection; false when it did not come back in so many milliseconds. */
  whenUp(most: number): Promise<boolean> {
    if (this.#up) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), most);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  async follow(client: { status(): AsyncIterable<{ type: string }> }): Promise<void> {
    for await (const { type } of client.status()) {
      if (type === "disconnect") this.#lost();
      if (type === "reconnect") this.#back();
    }
  }

  #lost(): void {
    if (!this.#up) return;
    this.#up = false;
    for (const listener of this.#listeners) listener.lost?.();
  }

  #back(): void {
    if (this.#up) return;
    this.#up = true;
    for (const listener of this.#listeners) listener.back?.();
    for (const go of this.#waiting.splice(0)) go();
  }
}

const links = new WeakMap<object, NatsLink>();

/** The broker's link; one that is always up where there is no NATS. */
export function linkOf(broker: ServiceBroker): NatsLink {
  const known = links.get(broker);
  if (known) return known;
  const link = new NatsLink();
  links.set(broker, link);
  broker.localBus.on("$transporter.connected", () => {
    const client = (broker.transit as unknown as NatsTransit | undefined)?.tx?.client;
    if (typeof client?.status === "function") void link.follow(client);
  });
  return link;
}
