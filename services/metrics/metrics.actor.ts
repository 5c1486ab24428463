import type { MakePage } from "../../config/metrics-page.ts";
import type { Actor } from "../../mixins/sql.types.ts";
import type { KeptTraces } from "./metrics.traces.ts";

/** `this` of the metrics actor. */
export interface MetricsActor extends Actor {
  makePage: MakePage | undefined;
  hidePage: (() => void) | undefined;
  traces: KeptTraces;
}
