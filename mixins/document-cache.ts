interface Hot<D> {
  readonly document: D;
  /** Milliseconds: from then on it may be too old. */
  until: number;
  /** Milliseconds: when it was asked for last. */
  used: number;
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

  constructor(size: number) {
    this.#size = size;
  }

  /** Take it before a read whose result goes to `fill`. */
  get round(): number {
    return this.#round;
  }

  get(id: string, now: number): D | undefined {
    const kept = this.#documents.get(id);
    if (!kept || kept.until < now) return undefined;
    kept.used = now;
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
    this.#documents.set(document.id, { document, until, used: now });
    if (alias !== undefined) this.#ids.set(alias, document.id);
    for (const map of [this.#documents, this.#ids])
      if (map.size > this.#size) map.delete(map.keys().next().value as string);
  }

  /** Ids of what was asked for since then. */
  usedSince(time: number): string[] {
    return [...this.#documents].flatMap(([id, { used }]) => (used >= time ? id : []));
  }

  /** Keeps those that still have the version which was found, and drops the rest of them. */
  renew(ids: readonly string[], versions: ReadonlyMap<string, number>, until: number): void {
    for (const id of ids) {
      const kept = this.#documents.get(id);
      if (kept === undefined) continue;
      if (kept.document.version === versions.get(id)) kept.until = Math.max(kept.until, until);
      else this.forget(id);
    }
  }

  /** Drops the document; an alias that still names its id is checked by whoever reads through it. */
  forget(id: string): void {
    this.#round += 1;
    this.#documents.delete(id);
  }
}
