import type { Clock } from "./context.ts";

/** A clock that runs with another one, and can be set ahead of it, never back: ids and versions go by it. */
export class SandboxClock implements Clock {
  readonly #base: Clock;
  #ahead = 0;

  constructor(base: Clock) {
    this.#base = base;
  }

  now(): number {
    return this.#base.now() + this.#ahead;
  }

  /** Milliseconds. */
  get ahead(): number {
    return this.#ahead;
  }

  moveTo(ahead: number): void {
    this.#ahead = Math.max(this.#ahead, ahead);
  }
}

export const isMovable = (clock: Clock): clock is SandboxClock => "moveTo" in clock;
