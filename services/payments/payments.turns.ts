/** Works calls of one key one after the other, in this process; other nodes are held off by the rows' locks. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<R>(key: string, work: () => Promise<R>): Promise<R> {
    const before = this.#last.get(key);
    const mine = before ? before.then(work, work) : work();
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
