interface Entry<V> {
  readonly value: V;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** A bounded memory of values that expire; the oldest goes first. */
export class Recent<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string, now: number): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.until <= now) {
      this.#entries.delete(key);
      return undefined;
    }
    return entry.value;
  }

  set(key: string, value: V, until: number): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#most) this.#entries.delete(this.#entries.keys().next().value as string);
    this.#entries.set(key, { value, until });
  }

  clear(): void {
    this.#entries.clear();
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** The remembered answer, else a new one; an answer that fails is forgotten at once. */
  remember<P extends V & Promise<unknown>>(
    this: Recent<P>,
    key: string,
    now: number,
    span: number,
    ask: () => P,
  ): P {
    const known = this.get(key, now);
    if (known !== undefined) return known;
    const asked = ask();
    this.set(key, asked, now + span);
    asked.catch(() => {
      if (this.#entries.get(key)?.value === asked) this.delete(key);
    });
    return asked;
  }
}
