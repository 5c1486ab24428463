import { setImmediate as turn } from "node:timers/promises";

const TURNS = 50;

/** Turns of the event loop, in which whatever does not wait for the disk has ended. */
export async function turns(): Promise<void> {
  for (let i = 0; i < TURNS; i++) await turn();
}

/** Whether a promise has ended, to be looked at later. */
export function settled(promise: Promise<unknown>): { done: boolean } {
  const state = { done: false };
  promise.then(
    () => (state.done = true),
    () => (state.done = true),
  );
  return state;
}
