import type { SqlActor } from "../../mixins/sql.types.ts";
import type { Step } from "./payments.change.ts";
import type { Provider } from "./payments.provider.ts";
import type { TestProvider } from "./payments.test-provider.ts";
import type { Turns } from "./payments.turns.ts";

/** `this` of the payments actor. */
export interface PaymentsActor extends SqlActor {
  batches: { change(step: Step<unknown>): Promise<unknown> };
  /** Those that are switched on, by name. */
  providers: ReadonlyMap<string, Provider>;
  /** Its own page and decisions are actions of ours. */
  testProvider: TestProvider | undefined;
  turns: Turns;
  /** Milliseconds: when providers are asked next for reports that did not reach us. */
  missedAt: number;
  timers: NodeJS.Timeout[];
}
