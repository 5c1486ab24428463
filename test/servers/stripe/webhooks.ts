import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { StripeEvent } from "./objects.ts";

const pause = 100;
const mostTries = 50;

/** Header that proves who sent `raw`, made at `at` (milliseconds). */
export function signatureOf(secret: string, raw: string, at: number): string {
  const timestamp = Math.floor(at / 1000);
  return `t=${timestamp},v1=${createHmac("sha256", secret).update(`${timestamp}.${raw}`).digest("hex")}`;
}

/** What Stripe reports, and how: at once, twice, held back until it is asked for, in another order, never. */
export class Webhooks {
  /** Where reports go; without it nothing is sent. */
  target: string | undefined;
  /** Reports wait for `release`. */
  hold = false;
  copies = 1;
  /** Milliseconds: when a report is signed. */
  now: () => number = Date.now;
  readonly events: StripeEvent[] = [];
  readonly #secret: string;
  readonly #delivered = new Set<string>();
  #held: StripeEvent[] = [];
  #stopped = false;

  constructor(secret: string) {
    this.#secret = secret;
  }

  tell(event: StripeEvent): void {
    this.events.push(event);
    if (this.hold) this.#held.push(event);
    else void this.#send(event);
  }

  /** Sends what was held, one after the other. */
  async release(order: "first" | "last" = "first"): Promise<void> {
    const held = order === "first" ? this.#held : this.#held.toReversed();
    this.#held = [];
    for (const event of held) await this.#send(event);
  }

  /** What was held is never sent. */
  lose(): void {
    this.#held = [];
  }

  /** Reports that no endpoint has taken. */
  undelivered(): StripeEvent[] {
    return this.events.filter(({ id }) => !this.#delivered.has(id));
  }

  stop(): void {
    this.#stopped = true;
  }

  async #send(event: StripeEvent): Promise<void> {
    for (let copy = 0; copy < this.copies; copy++) await this.#deliver(event);
  }

  async #deliver(event: StripeEvent): Promise<void> {
    const body = JSON.stringify(event);
    for (let tries = 0; tries < mostTries && !this.#stopped && this.target !== undefined; tries++) {
      const headers = {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": signatureOf(this.#secret, body, this.now()),
      };
      const answer = await fetch(this.target, { method: "POST", headers, body }).catch(() => undefined);
      if (answer?.ok) {
        this.#delivered.add(event.id);
        return;
      }
      await sleep(pause);
    }
  }
}
