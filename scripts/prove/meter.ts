import { Client, type Answer, type Asked } from "../lib/client.ts";
import { Gaps, type LongestGap, type WindowFigures } from "./gaps.ts";

/** What happened to the requests of one route. */
export interface RouteFigures {
  route: string;
  requests: number;
  /** Answered by 5xx, or by a broken connection. */
  failed: number;
  /** No answer at all within the client's patience. */
  silent: number;
  /** Milliseconds without a success while somebody waited for one: under faults, and while there was none. */
  longestGap: number;
  calmGap: number;
  /** Milliseconds. */
  slowest: number;
}

type Count = Omit<RouteFigures, "longestGap" | "calmGap">;

const ID = /\/[0-9a-f]{8}-[0-9a-f-]{27}|\/ord_[^/]+/g;

const routeOf = ({ method = "GET", path }: Asked): string =>
  `${method} ${(path.split("?")[0] ?? "").replaceAll(ID, "/{id}")}`;

/** A client that keeps count of what came back, by route. */
export class MeteredClient extends Client {
  readonly #counts = new Map<string, Count>();
  readonly #failures = new Map<string, number>();
  #gaps = new Gaps(() => performance.now());

  override async send<T = unknown>(asked: Asked): Promise<Answer<T>> {
    const count = this.#count(routeOf(asked));
    const gaps = this.#gaps;
    count.requests++;
    gaps.asked(count.route);
    try {
      const answer = await super.send<T>(asked);
      if (answer.status >= 500) {
        gaps.failed(count.route);
        this.#failed(count, `${answer.status} ${(answer.body as { code?: string }).code ?? ""}`);
      } else {
        gaps.succeeded(count.route);
        count.slowest = Math.max(count.slowest, answer.ms);
      }
      return answer;
    } catch (error) {
      const { message } = error as Error;
      gaps.failed(count.route);
      if (message.startsWith("no answer")) count.silent++;
      this.#failed(count, message);
      throw error;
    }
  }

  /** Everything is counted from here on. */
  begin(): void {
    this.#counts.clear();
    this.#failures.clear();
    this.#gaps = new Gaps(() => performance.now());
  }

  /** A fault begins; the answer ends its window, and says the longest gap in it. */
  open(fault: string): () => LongestGap {
    return this.#gaps.open(fault);
  }

  get windows(): WindowFigures[] {
    return this.#gaps.windows;
  }

  get figures(): RouteFigures[] {
    return [...this.#counts.values()]
      .map((count) => ({ ...count, ...this.#gaps.of(count.route) }))
      .sort((a, b) => b.requests - a.requests);
  }

  /** What failures said, the most frequent first. */
  get failures(): [string, number][] {
    return [...this.#failures].sort((a, b) => b[1] - a[1]);
  }

  #count(route: string): Count {
    let count = this.#counts.get(route);
    if (!count) this.#counts.set(route, (count = { route, requests: 0, failed: 0, silent: 0, slowest: 0 }));
    return count;
  }

  #failed(count: Count, text: string): void {
    count.failed++;
    const line = `${count.route} ${text}`;
    this.#failures.set(line, (this.#failures.get(line) ?? 0) + 1);
  }
}
