/** What one kind of fault did, or the time without any (`fault` undefined). Milliseconds. */
export interface WindowFigures {
  fault: string | undefined;
  times: number;
  longestGap: number;
  /** Where the longest gap was. */
  route: string;
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
 * was refused. A route that nobody asks has no gap. A gap belongs to the fault in whose window it ended, else to the one
 * in whose window it began.
 */
export class Gaps {
  readonly #now: () => number;
  readonly #routes = new Map<string, Route>();
  readonly #windows = new Map<string | undefined, WindowFigures>();
  #current: { fault: string | undefined; began: number };
  #before: string | undefined;
  #last = { ms: 0, route: "" };

  constructor(now: () => number) {
    this.#now = now;
    this.#current = { fault: undefined, began: now() };
    this.window(undefined);
  }

  window(fault: string | undefined): void {
    this.#before = this.#current.fault;
    this.#current = { fault, began: this.#now() };
    this.#windowOf(fault).times++;
    if (fault !== undefined) this.#last = { ms: 0, route: "" };
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

  get last(): { ms: number; route: string } {
    return this.#last;
  }

  get windows(): WindowFigures[] {
    return [...this.#windows.values()];
  }

  of(route: string): { longestGap: number; calmGap: number } {
    const { longestGap, calmGap } = this.#route(route);
    return { longestGap, calmGap };
  }

  #note(route: string, one: Route, gap: number, since: number): void {
    const { fault: now, began } = this.#current;
    const fault = now ?? (since < began ? this.#before : undefined);
    const window = this.#windowOf(fault);
    if (gap > window.longestGap) Object.assign(window, { longestGap: gap, route });
    if (fault === undefined) one.calmGap = Math.max(one.calmGap, gap);
    else {
      one.longestGap = Math.max(one.longestGap, gap);
      if (gap > this.#last.ms) this.#last = { ms: gap, route };
    }
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
