import type { Caller } from "../../contract/implement.ts";
import { Replica } from "./search.replica.ts";

/** Milliseconds. */
export interface Pace {
  /** Between two catch-ups with the products, whether or not an event asked for one. */
  products: number;
  stock: number;
  /** What a catch-up reads again, with and without an event. */
  shortOverlap: number;
  longOverlap: number;
  /** Between two tries of a build that failed, at most; at first much less, because a neighbour starts beside it. */
  retry: number;
  /** After a silence this long the index is built anew: the catalogue may have forgotten what it removed. */
  silence: number;
}

const FIRST_RETRY = 15;
/** Between two looks for a node that offers the sources; milliseconds. */
const LOOK_EVERY = 15;

export const usualPace: Pace = {
  products: 5000,
  stock: 2000,
  shortOverlap: 100,
  longOverlap: 3000,
  retry: 500,
  silence: 6 * 3_600_000,
};

interface Surroundings {
  source: Pick<Caller, "call">;
  /** Somebody offers the sources; a call that nobody can take would be logged at each try. */
  hasSource(): boolean;
  now(): number;
  onError(what: string, error: Error): void;
}

/**
 * Keeps one replica in step with its sources: builds it, catches up when an event says so and every few seconds anyway, and
 * puts a new one in its place when asked. Work of one kind never runs twice at once; what is asked meanwhile runs after it.
 */
export class Follower {
  replica: Replica | undefined;
  builtAt: number | undefined;
  /** When the index last agreed with its sources. */
  agreedAt: number | undefined;
  building: { done: number } | undefined;
  readonly #around: Surroundings;
  readonly #pace: Pace;
  #next: Replica | undefined;
  readonly #touched = new Set<string>();
  #timers: NodeJS.Timeout[] = [];
  #stopped = false;
  #following: Promise<void> | undefined;
  #again = false;
  #stocking: Promise<void> | undefined;

  constructor(around: Surroundings, pace: Pace = usualPace) {
    this.#around = around;
    this.#pace = pace;
  }

  /** Starts the first build; answers at once. */
  start(): void {
    void this.rebuild();
    const every = (ms: number, work: () => unknown) => this.#timers.push(setInterval(() => void work(), ms));
    every(this.#pace.products, () => this.#follow());
    every(this.#pace.stock, () => this.#followStock());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timers.forEach(clearInterval);
    this.replica?.close();
    this.#next?.close();
    await Promise.allSettled([this.#following, this.#stocking]);
  }

  /** Builds a new index beside the old one and swaps; false when a build runs already. */
  async rebuild(): Promise<boolean> {
    if (this.building) return false;
    this.building = { done: 0 };
    await this.#awaitSource();
    for (let pause = FIRST_RETRY; !this.#stopped && !(await this.#build()); pause *= 2)
      await sleep(Math.min(pause, this.#pace.retry));
    this.building = undefined;
    return true;
  }

  /** These products changed: takes them in now. */
  touch(ids: readonly string[]): void {
    for (const id of ids) this.#touched.add(id);
    void this.#follow();
  }

  /** Applies broadcast stock at once, also to an index that is being built. */
  stockChanged(items: readonly { sku: string; available: number }[]): void {
    for (const replica of [this.replica, this.#next]) void replica?.takeStock(items);
  }

  async #awaitSource(): Promise<void> {
    while (!this.#stopped && !this.#around.hasSource()) await sleep(LOOK_EVERY);
  }

  async #build(): Promise<boolean> {
    const fresh = new Replica(this.#around.source, () => this.#around.now());
    this.#next = fresh;
    try {
      await fresh.build((done) => (this.building = { done }));
      await fresh.followProducts(this.#pace.longOverlap);
    } catch (error) {
      fresh.close();
      if (!this.#stopped) this.#around.onError("build", error as Error);
      return false;
    } finally {
      this.#next = undefined;
    }
    if (this.#stopped) return true;
    const old = this.replica;
    this.replica = fresh;
    old?.close();
    this.builtAt = this.agreedAt = this.#around.now();
    void this.#follow();
    return true;
  }

  #follow(): Promise<void> {
    this.#again = true;
    this.#following ??= this.#followAll().finally(() => (this.#following = undefined));
    return this.#following;
  }

  async #followAll(): Promise<void> {
    while (this.#again && !this.#stopped && this.replica) {
      this.#again = false;
      await this.#attempt("products", () => this.#followProducts(this.replica as Replica));
    }
  }

  /** An event is served by a short catch-up; when that does not bring what it named, or none was due for long, by a long one. */
  async #followProducts(replica: Replica): Promise<void> {
    const asked = [...this.#touched];
    this.#touched.clear();
    const silent = this.#around.now() - (this.agreedAt ?? 0);
    let late = false;
    if (asked.length > 0) {
      const seen = await replica.followProducts(this.#pace.shortOverlap);
      late = !asked.every((id) => seen.has(id));
      if (silent < this.#pace.products && !late) return;
    }
    await replica.followCategories();
    if (late) await replica.followProducts(this.#pace.longOverlap);
    else await replica.followNewProducts(this.#pace.longOverlap);
    this.agreedAt = this.#around.now();
    if (silent > this.#pace.silence) void this.rebuild();
  }

  #followStock(): Promise<void> {
    this.#stocking ??= this.#attempt("stock", async () => this.replica?.followStock()).finally(
      () => (this.#stocking = undefined),
    );
    return this.#stocking;
  }

  async #attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#stopped) this.#around.onError(what, error as Error);
    }
  }
}

const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
