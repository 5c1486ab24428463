import { Errors, type Context, type ServiceBroker } from "moleculer";
import { defineMiddleware, type WrappedAction } from "./define-middleware.ts";
import { linkOf } from "./nats-link.ts";
import { shunnedOf, type Shunned } from "./shunned.ts";

/** Milliseconds: between two looks, until a call makes its node suspect, and that a suspect has to answer a ping. */
const LOOK_EVERY = 50;
const SUSPECT = 250;
const PATIENCE = 400;
/** A look that comes so late shows that this very process stood still, and nobody else is to blame. */
const OWN_STALL = 150;
/** Milliseconds within which all nodes are back after NATS was away. */
const RETURN = 5000;
/** Milliseconds that a call waits for a broken connection to NATS. */
const LINK_WAIT = 4000;

interface Pending {
  readonly since: number;
  /** Fails the call so that it is tried elsewhere; missing when it may not be repeated. */
  readonly free: (() => void) | undefined;
}

interface Suspect {
  asked: number;
}

type Ping = (nodeID: string) => void;

/**
 * Calls that this node waits for, by the node that works them. A node that keeps a call waiting is asked whether it
 * lives; one that does not answer is frozen: it is shunned, and its calls are tried elsewhere. A slow action on a node
 * that answers is left alone.
 */
export class CallWatch {
  readonly #pending = new Map<string, Set<Pending>>();
  readonly #suspects = new Map<string, Suspect>();
  readonly #shunned: Shunned;
  readonly #ping: Ping;
  #timer: NodeJS.Timeout | undefined;
  #looked = 0;

  constructor(shunned: Shunned, ping: Ping) {
    this.#shunned = shunned;
    this.#ping = ping;
  }

  /** The call's answer, or the error `lost()` as soon as its node is found frozen. */
  watch(
    nodeID: string,
    repeatable: boolean,
    call: () => Promise<unknown>,
    lost: () => Error,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const free = repeatable ? () => reject(lost()) : undefined;
      const pending = { since: performance.now(), free };
      const calls = this.#pending.get(nodeID) ?? new Set();
      this.#pending.set(nodeID, calls.add(pending));
      this.#wake();
      const done = () => calls.delete(pending);
      call().then(
        (answer) => (done(), resolve(answer)),
        (error: unknown) => (done(), reject(error as Error)),
      );
    });
  }

  /** The node answered a ping: it lives. */
  heard(nodeID: string): void {
    this.#suspects.delete(nodeID);
    this.#shunned.remove(nodeID);
  }

  /** The node left; Moleculer itself fails what it had to work. */
  left(nodeID: string): void {
    this.heard(nodeID);
    this.#pending.delete(nodeID);
  }

  /** Whatever this node was sent is lost: it did not listen yet. */
  free(nodeID: string): void {
    for (const { free } of this.#pending.get(nodeID) ?? []) free?.();
  }

  /** Everything on its way is lost. */
  freeAll(): void {
    this.#suspects.clear();
    for (const calls of this.#pending.values()) for (const { free } of calls) free?.();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #wake(): void {
    if (this.#timer) return;
    this.#looked = performance.now();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY).unref();
  }

  #look(): void {
    const now = performance.now();
    const stalled = now - this.#looked > LOOK_EVERY + OWN_STALL;
    this.#looked = now;
    if (stalled) for (const suspect of this.#suspects.values()) suspect.asked = now;
    let busy = this.#shunned.all.length > 0;
    for (const [nodeID, calls] of this.#pending) {
      if (calls.size === 0) continue;
      busy = true;
      const [oldest] = calls;
      if (oldest && now - oldest.since > SUSPECT) this.#ask(nodeID, now);
    }
    for (const nodeID of this.#shunned.all) this.#ask(nodeID, now);
    for (const [nodeID, { asked }] of this.#suspects) if (now - asked > PATIENCE) this.#shun(nodeID, now);
    if (!busy) this.stop();
  }

  #ask(nodeID: string, now: number): void {
    if (this.#suspects.has(nodeID)) return;
    this.#suspects.set(nodeID, { asked: now });
    this.#ping(nodeID);
  }

  #shun(nodeID: string, now: number): void {
    this.#shunned.add(nodeID);
    this.#suspects.delete(nodeID);
    for (const { since, free } of this.#pending.get(nodeID) ?? []) if (now - since > SUSPECT) free?.();
  }
}

interface Pinging {
  transit?: { sendPing(nodeID: string): Promise<void> };
}

/** Watches every call to another node (`CallWatch`), and holds it back while the connection to NATS is broken. */
export const shun = (broker: ServiceBroker) => {
  const link = linkOf(broker);
  const watch = new CallWatch(shunnedOf(broker), (nodeID) => {
    void (broker as unknown as Pinging).transit?.sendPing(nodeID);
  });
  let back = -Infinity;
  link.listen({
    lost: () => watch.freeAll(),
    back: () => {
      back = performance.now();
    },
  });
  // After NATS was away each node says when it listens again; what it was sent before that never arrived.
  broker.localBus.on("$node.updated", ({ node }: { node: { id: string } }) => {
    if (performance.now() - back < RETURN) watch.free(node.id);
  });
  broker.localBus.on("$node.pong", ({ nodeID }: { nodeID: string }) => watch.heard(nodeID));
  broker.localBus.on("$node.disconnected", ({ node }: { node: { id: string } }) => watch.left(node.id));

  const remoteAction = (next: (ctx: Context) => Promise<unknown>, action: WrappedAction) => {
    const repeatable = action.idempotent === "read" || action.idempotent === "keyed";
    return function watchCall(ctx: Context): Promise<unknown> {
      const nodeID = ctx.nodeID ?? "";
      const lost = () => new Errors.RequestRejectedError({ action: action.name, nodeID });
      const send = () => watch.watch(nodeID, repeatable, () => next(ctx), lost);
      if (link.up) return send();
      return link.whenUp(LINK_WAIT).then((up) => (up ? send() : Promise.reject(lost())));
    };
  };
  return Object.assign(defineMiddleware({ name: "Shun", remoteAction }), {
    stopped: () => Promise.resolve(watch.stop()),
  });
};
