/** What one kind of fault did, or the time without any (`fault` undefined). Milliseconds. */
export interface WindowFigures {
  fault: string | undefined;
  times: number;
  longestGap: number;
  /** Where the longest gap was. */
  route: string;
}

export interface LongestGap {
  ms: number;
  route: string;
}

interface Fault extends LongestGap {
  name: string;
}

interface Route {
  waiting: number;
  /** Since when somebody waits for a success; undefined: nobody does. */
  since: number | undefined;
  longestGap: number;
  calmGap: number;
}

/**
 * Gaps without success, by route: the time between two successes in which at least one request waited for its answer or
 * was refused. A route that nobody asks has no gap. A gap belongs to the newest fault that goes on when it ends, else to the
 * last one, when it began before that was over.
 */
export class Gaps {
  readonly #now: () => number;
  readonly #routes = new Map<string, Route>();
  readonly #windows = new Map<string | undefined, WindowFigures>();
  /** Faults that go on now, the newest last. */
  readonly #open: Fault[] = [];
  /** The fault that ended last, and when. */
  #ended: { fault: string; at: number } | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A fault begins; the answer ends its window, and says the longest gap in it. */
  open(name: string): () => LongestGap {
    const fault = { name, ms: 0, route: "" };
    this.#open.push(fault);
    this.#windowOf(name).times++;
    return () => {
      this.#open.splice(this.#open.indexOf(fault), 1);
      this.#ended = { fault: name, at: this.#now() };
      return fault;
    };
  }

  asked(route: string): void {
    const one = this.#route(route);
    one.waiting++;
    one.since ??= this.#now();
  }

  failed(route: string): void {
    this.#route(route).waiting--;
  }

  succeeded(route: string): void {
    const one = this.#route(route);
    const now = this.#now();
    one.waiting--;
    if (one.since !== undefined) this.#note(route, one, now - one.since, one.since);
    one.since = one.waiting > 0 ? now : undefined;
  }

  get windows(): WindowFigures[] {
    return [...this.#windows.values()];
  }

  of(route: string): { longestGap: number; calmGap: number } {
    const { longestGap, calmGap } = this.#route(route);
    return { longestGap, calmGap };
  }

  #note(route: string, one: Route, gap: number, since: number): void {
    const now = this.#open.at(-1);
    const before = this.#ended && since < this.#ended.at ? this.#ended.fault : undefined;
    const fault = now?.name ?? before;
    const window = this.#windowOf(fault);
    if (gap > window.longestGap) Object.assign(window, { longestGap: gap, route });
    if (now && gap > now.ms) Object.assign(now, { ms: gap, route });
    if (fault === undefined) one.calmGap = Math.max(one.calmGap, gap);
    else one.longestGap = Math.max(one.longestGap, gap);
  }

  #windowOf(fault: string | undefined): WindowFigures {
    let window = this.#windows.get(fault);
    if (!window) this.#windows.set(fault, (window = { fault, times: 0, longestGap: 0, route: "" }));
    return window;
  }

  #route(name: string): Route {
    let route = this.#routes.get(name);
    if (!route) {
      route = { waiting: 0, since: undefined, longestGap: 0, calmGap: 0 };
      this.#routes.set(name, route);
    }
    return route;
  }
}
