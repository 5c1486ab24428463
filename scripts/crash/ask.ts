import { setTimeout as delay } from "node:timers/promises";
import type { Answer, Asked, Client } from "../lib/client.ts";

/** Milliseconds before a request that was not answered is sent again. */
const PAUSE_MS = 25;

export interface Asking {
  client: Client;
  /** Given up from this moment on (milliseconds of `performance.now()`). */
  deadline(): number;
}

/** 5xx, 429 and a request that is still at work under the same key say nothing about the effect. */
export const isAnswer = ({ status, body }: Answer): boolean =>
  status < 500 && status !== 429 && !(status === 409 && (body as { code?: string }).code === "IN_FLIGHT");

/**
 * Sends a request until an answer comes, as a patient client does after a lost connection. Each sending that says nothing
 * is handed to `lost`.
 * @throws when no answer comes until the deadline
 */
export async function ask<T>(
  { client, deadline }: Asking,
  asked: Asked,
  lost: (answer?: Answer<T>) => void = () => undefined,
): Promise<Answer<T>> {
  for (;;) {
    const answer = await client.send<T>(asked).catch(() => undefined);
    if (answer && isAnswer(answer)) return answer;
    lost(answer);
    if (performance.now() > deadline())
      throw new Error(
        `${asked.method ?? "GET"} ${asked.path}: no answer (${answer ? `${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}` : "connection lost"})`,
      );
    await delay(PAUSE_MS);
  }
}
