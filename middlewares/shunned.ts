import type { ServiceBroker } from "moleculer";

/** Nodes that do not answer at the moment; calls go to others as long as there are any. */
export class Shunned {
  readonly #nodes = new Set<string>();

  add(nodeID: string): void {
    this.#nodes.add(nodeID);
  }
  remove(nodeID: string): void {
    this.#nodes.delete(nodeID);
  }
  has(nodeID: string): boolean {
    return this.#nodes.has(nodeID);
  }
  get all(): string[] {
    return [...this.#nodes];
  }
}

const known = new WeakMap<object, Shunned>();

export function shunnedOf(broker: ServiceBroker): Shunned {
  let shunned = known.get(broker);
  if (!shunned) known.set(broker, (shunned = new Shunned()));
  return shunned;
}
