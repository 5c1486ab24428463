import { Client, type Answer, type Asked } from "../lib/client.ts";

/** What happened to the requests of one route. */
export interface RouteFigures {
  route: string;
  requests: number;
  /** Answered by 5xx, or by a broken connection. */
  failed: number;
  /** No answer at all within the client's patience. */
  silent: number;
  /** Milliseconds. */
  longestGap: number;
  slowest: number;
}

interface Count extends RouteFigures {
  last: number;
}

/** Requests from which on a route is asked so often that a gap says something. */
const OFTEN = 100;

const ID = /\/[0-9a-f]{8}-[0-9a-f-]{27}|\/ord_[^/]+/g;

const routeOf = ({ method = "GET", path }: Asked): string =>
  `${method} ${(path.split("?")[0] ?? "").replaceAll(ID, "/{id}")}`;

/** A client that keeps count of what came back, by route. */
export class MeteredClient extends Client {
  readonly #counts = new Map<string, Count>();
  readonly #failures = new Map<string, number>();

  #worst = { gap: 0, slowest: 0, route: "" };

  /** The longest gap and the slowest answer since the last time that it was asked. */
  worst(): { gap: number; slowest: number; route: string } {
    const worst = this.#worst;
    this.#worst = { gap: 0, slowest: 0, route: "" };
    return worst;
  }

  override async send<T = unknown>(asked: Asked): Promise<Answer<T>> {
    const count = this.#count(routeOf(asked));
    count.requests++;
    try {
      const answer = await super.send<T>(asked);
      if (answer.status >= 500) {
        count.failed++;
        this.#failure(`${count.route} ${answer.status} ${(answer.body as { code?: string }).code ?? ""}`);
      } else this.#success(count, answer.ms);
      return answer;
    } catch (error) {
      const { message } = error as Error;
      count.failed++;
      if (message.startsWith("no answer")) count.silent++;
      this.#failure(`${count.route} ${message}`);
      throw error;
    }
  }

  /** Gaps are counted from here on. */
  begin(): void {
    this.#counts.clear();
    this.#failures.clear();
  }

  get figures(): RouteFigures[] {
    return [...this.#counts.values()].sort((a, b) => b.requests - a.requests);
  }

  /** What failures said, the most frequent first. */
  get failures(): [string, number][] {
    return [...this.#failures].sort((a, b) => b[1] - a[1]);
  }

  #count(route: string): Count {
    let count = this.#counts.get(route);
    if (!count) {
      count = {
        route,
        requests: 0,
        failed: 0,
        silent: 0,
        longestGap: 0,
        slowest: 0,
        last: performance.now(),
      };
      this.#counts.set(route, count);
    }
    return count;
  }

  #success(count: Count, ms: number): void {
    const now = performance.now();
    if (ms > this.#worst.slowest) this.#worst = { ...this.#worst, slowest: ms, route: count.route };
    if (count.requests > OFTEN) this.#worst.gap = Math.max(this.#worst.gap, now - count.last);
    count.longestGap = Math.max(count.longestGap, now - count.last);
    count.slowest = Math.max(count.slowest, ms);
    count.last = now;
  }

  #failure(text: string): void {
    this.#failures.set(text, (this.#failures.get(text) ?? 0) + 1);
  }
}
