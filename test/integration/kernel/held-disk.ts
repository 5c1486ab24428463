import fs from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { ledger, node, place, type LedgerActor, type Place } from "./ledger.ts";

type Done = (error: Error | null) => void;
type Node = Awaited<ReturnType<typeof node>>;

/** A ledger on SQLite, for each test its own, and a disk that answers when the test says so. */
export class HeldDisk {
  at!: Place;
  one!: Node;
  /** The disk's answers that are kept back. */
  readonly held: Done[] = [];
  readonly #fdatasync = fs.fdatasync;

  get actor(): LedgerActor {
    return this.one.actorOf("ledger");
  }

  /** Keeps back what the disk answers to syncs, of all files or of some. */
  hold(isHeld: (fd: number) => boolean = () => true): void {
    fs.fdatasync = ((fd: number, done: Done) =>
      isHeld(fd) ? this.held.push(done) : this.#fdatasync(fd, done)) as typeof fs.fdatasync;
  }

  answer(error: Error | null): void {
    fs.fdatasync = this.#fdatasync;
    for (const done of this.held.splice(0)) done(error);
  }

  async start(): Promise<void> {
    this.one = await node(this.at, [ledger("ledger")]);
  }

  async make(): Promise<void> {
    this.held.length = 0;
    this.at = await place("sqlite", ["ledger"]);
    await this.start();
  }

  async remove(): Promise<void> {
    fs.fdatasync = this.#fdatasync;
    await this.one.stop();
    await this.at.remove();
  }
}

export function useHeldDisk(): HeldDisk {
  const disk = new HeldDisk();
  beforeEach(() => disk.make());
  afterEach(() => disk.remove());
  return disk;
}

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
