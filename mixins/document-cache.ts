import { LIFE_MS } from "./copy-ages.ts";

interface Hot<D> {
  readonly document: D;
  /** Milliseconds: from then on it may be too old, unless no change of it was found since. */
  readonly until: number;
  /** Milliseconds: then it is read anew in any case. */
  readonly end: number;
}

/**
 * The hottest documents by id, and ids by unique values, in two least-recently-used maps.
 * A read that began before its document was forgotten must not put the old state back: `fill` checks the round it began in.
 */
export class HotDocuments<D extends { readonly id: string; readonly version: number }> {
  readonly #documents = new Map<string, Hot<D>>();
  readonly #ids = new Map<string, string>();
  readonly #size: number;
  #round = 0;
  /** Milliseconds: every kept copy is right until then. */
  #right = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Take it before a read whose result goes to `fill`. */
  get round(): number {
    return this.#round;
  }

  get(id: string, now: number): D | undefined {
    const kept = this.#documents.get(id);
    if (!kept || Math.min(Math.max(kept.until, this.#right), kept.end) < now) return undefined;
    this.#documents.delete(id);
    this.#documents.set(id, kept);
    return kept.document;
  }

  idOf(alias: string): string | undefined {
    return this.#ids.get(alias);
  }

  fill(round: number, document: D, { now, until }: { now: number; until: number }, alias?: string): void {
    if (round !== this.#round || (this.#documents.get(document.id)?.document.version ?? 0) > document.version)
      return;
    this.#documents.set(document.id, { document, until, end: Math.max(until, now + LIFE_MS) });
    if (alias !== undefined) this.#ids.set(alias, document.id);
    for (const map of [this.#documents, this.#ids])
      if (map.size > this.#size) map.delete(map.keys().next().value as string);
  }

  get size(): number {
    return this.#documents.size;
  }

  /** Drops those that have another version by now; the rest of them is right until then. */
  renew(changed: ReadonlyMap<string, number>, until: number): void {
    for (const [id, version] of changed) {
      const kept = this.#documents.get(id);
      if (kept !== undefined && kept.document.version !== version) this.forget(id);
    }
    this.#right = until;
  }

  /** Drops the document; an alias that still names its id is checked by whoever reads through it. */
  forget(id: string): void {
    this.#round += 1;
    this.#documents.delete(id);
  }

  clear(): void {
    this.#round += 1;
    this.#documents.clear();
  }
}
