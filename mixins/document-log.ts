import type { EventMap } from "../services/contracts.ts";
import type { Meta } from "../contract/meta.ts";
import { currentSpan } from "../tracing/current.ts";
import type { AuditEntry } from "./sql.types.ts";
import type { ChangeLog, PendingEvent } from "./document-types.ts";

/** What a log needs of its actor. */
export interface LogSource {
  /** Names of the actors whose contracts receive the event. */
  subscribers(event: string): readonly string[];
  newId(): string;
  now(): number;
}

const callerOf = (meta: Meta, actor: string): string =>
  meta.caller?.id ?? (meta.ip === undefined ? actor : "guest");

/** Collects the durable events of one change; they are stored inside the changed document. */
export class EventLog implements ChangeLog {
  readonly version: number;
  readonly events: PendingEvent[] = [];
  readonly #source: LogSource;
  readonly #actor: string;

  constructor(source: LogSource, actor: string, version: number) {
    this.#source = source;
    this.#actor = actor;
    this.version = version;
  }

  publish<E extends keyof EventMap & string>(event: E, payload: EventMap[E]): void {
    const to = [...this.#source.subscribers(event)];
    if (to.length === 0) return;
    const now = this.#source.now();
    const at = new Date(now).toISOString();
    const trace = currentSpan(this.#actor)?.traceparent;
    this.events.push({
      id: this.#source.newId(),
      type: event,
      version: this.version,
      at,
      payload,
      to,
      attempts: 0,
      due: now,
      ...(trace !== undefined && { trace }),
    });
  }

  audit({ meta, before = null, after = null, ...entry }: AuditEntry): void {
    this.publish("audit.entry", {
      ...entry,
      id: this.#source.newId(),
      at: new Date(this.#source.now()).toISOString(),
      by: callerOf(meta, this.#actor),
      ip: meta.ip ?? null,
      before,
      after,
    });
  }
}
