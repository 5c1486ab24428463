import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { StripeProblem } from "./objects.ts";

/** `fail`: 500, nothing done. `limit`: 429. `lose`: done, but the answer never comes. `slow`: the answer takes `ms`. */
export type Fault = { kind: "fail" | "limit" | "lose" } | { kind: "slow"; ms: number };

/** What goes wrong at the next calls, by method and path, such as `POST /v1/checkout/sessions`. */
export class Faults {
  readonly #planned = new Map<string, Fault[]>();

  plan(call: string, ...faults: Fault[]): void {
    this.#planned.set(call, [...(this.#planned.get(call) ?? []), ...faults]);
  }

  /** Does the call as the plan wants it. */
  async around(call: string, res: ServerResponse, work: () => unknown): Promise<unknown> {
    const fault = this.#planned.get(call)?.shift();
    if (fault?.kind === "fail")
      throw new StripeProblem(500, { type: "api_error", message: "Something went wrong at Stripe." });
    if (fault?.kind === "limit")
      throw new StripeProblem(429, {
        type: "invalid_request_error",
        code: "rate_limit",
        message: "Too many requests.",
      });
    const answer = work();
    if (fault?.kind === "slow") await sleep(fault.ms);
    if (fault?.kind === "lose") res.destroy();
    return answer;
  }
}
