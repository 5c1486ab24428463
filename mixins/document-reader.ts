import { OVERLAP_MS, RIGHT_MS } from "./copy-ages.ts";
import { HotDocuments } from "./document-cache.ts";
import type { LogSource } from "./document-log.ts";
import { domainOf, keptField, valuesAt } from "./document-shape.ts";
import type {
  CollectionOptions,
  DocumentAdapter,
  Kept,
  RangeQuery,
  Stored,
  Tombstone,
} from "./document-types.ts";

/** With more changes than that at once all copies are dropped. */
const CHANGES = 2000;

export interface CollectionParts {
  readonly name: string;
  readonly options: CollectionOptions;
  readonly adapter: DocumentAdapter;
  readonly source: LogSource;
  /** Told after each durable write. */
  changed(ids: readonly string[], events: boolean): void;
  /** Before the answer to a write, or to many: others may hear of what was changed since. */
  tell(): void;
}

/** The reads of a collection over one moleculer-db adapter. */
export class DocumentReader<D extends Stored> {
  protected readonly parts: CollectionParts;
  protected readonly hotCopies: HotDocuments<D>;
  #rechecks = false;
  /** Milliseconds: every change before it was found. */
  #looked: number | undefined;

  constructor(parts: CollectionParts) {
    this.parts = parts;
    this.hotCopies = new HotDocuments(parts.options.hot ?? 1000);
  }

  async get(id: string): Promise<D | undefined> {
    return this.#live(await this.parts.adapter.findOne({ _id: id }));
  }

  async getBy(field: string, value: string): Promise<D | undefined> {
    return this.#live(await this.parts.adapter.findOne({ [keptField(this.#allowed(field))]: value }));
  }

  async hot(id: string): Promise<D | undefined> {
    return this.hotCopies.get(id, this.now()) ?? this.#warm(() => this.get(id));
  }

  async hotBy(field: string, value: string): Promise<D | undefined> {
    const alias = `${field}=${value}`;
    const id = this.hotCopies.idOf(alias);
    const found = id === undefined ? undefined : this.hotCopies.get(id, this.now());
    return found && valuesAt(found, field).includes(value)
      ? found
      : this.#warm(() => this.getBy(field, value), alias);
  }

  async find(field: string, values: readonly string[]): Promise<D[]> {
    const query = { [keptField(this.#allowed(field))]: { $in: values } };
    return (await this.parts.adapter.find({ query })).flatMap((kept) => this.#live(kept) ?? []);
  }

  count(field?: string, value?: string): Promise<number> {
    const query =
      field === undefined ? { _removed: { $exists: false } } : { [keptField(this.#allowed(field))]: value };
    return this.parts.adapter.count({ query });
  }

  async range(field: string, query: RangeQuery): Promise<D[]> {
    const kept = await this.parts.adapter.range(this.#allowed(field), query, { removed: false });
    return kept.flatMap((document) => this.#live(document) ?? []);
  }

  async changed(
    after: { updatedAt: string; id: string } | undefined,
    limit: number,
  ): Promise<(D | Tombstone)[]> {
    const bound = after && { after: `${after.updatedAt}|${after.id}` };
    const kept = await this.parts.adapter.range("_at", { ...bound, limit }, { removed: true });
    return kept.map(({ _id, updatedAt, ...rest }) =>
      rest._removed ? { id: _id, removed: true, updatedAt } : domainOf<D>({ ...rest, _id, updatedAt }),
    );
  }

  async changedSince(time: string, most: number): Promise<string[]> {
    const { adapter } = this.parts;
    if (adapter.changes !== undefined) return [...(await adapter.changes(time, most)).keys()];
    const kept = await adapter.range("_at", { after: time, limit: most }, { removed: true });
    return kept.map(({ _id }) => _id);
  }

  async *iterate(size = 500): AsyncIterable<readonly D[]> {
    for (let page = await this.range("id", { limit: size }); page.length > 0;) {
      yield page;
      if (page.length < size) return;
      page = await this.range("id", { after: page.at(-1)?.id ?? "", limit: size });
    }
  }

  forget(ids: readonly string[]): void {
    ids.forEach((id) => this.hotCopies.forget(id));
  }

  /**
   * Asks the database once for all hot copies what has changed, and keeps those that are still right: reading each anew every
   * second cost a checkout 4 % of all work, comparing the versions of all of them 7 %.
   */
  async recheck(): Promise<void> {
    const { adapter } = this.parts;
    const now = this.now();
    if (adapter.changes === undefined || this.#rechecks) return;
    if (this.hotCopies.size === 0) {
      this.#looked = now;
      return;
    }
    this.#rechecks = true;
    try {
      this.#looked ??= now;
      const changed = await adapter.changes(new Date(this.#looked - OVERLAP_MS).toISOString(), CHANGES);
      if (changed.size < CHANGES) this.hotCopies.renew(changed, now + RIGHT_MS);
      else this.hotCopies.clear();
      this.#looked = now;
    } finally {
      this.#rechecks = false;
    }
  }

  async #warm(read: () => Promise<D | undefined>, alias?: string): Promise<D | undefined> {
    const { round } = this.hotCopies;
    const now = this.now();
    const found = await read();
    const until = this.parts.adapter.exclusive ? Infinity : now + RIGHT_MS;
    if (found) this.hotCopies.fill(round, found, { now, until }, alias);
    return found;
  }

  #live(kept: Kept | null): D | undefined {
    return kept && !kept._removed ? domainOf<D>(kept) : undefined;
  }

  #allowed(field: string): string {
    if (field !== "id" && !(field in this.parts.options.indexes))
      throw new Error(`${this.parts.name} has no index on ${field}`);
    return field;
  }

  protected now(): number {
    return this.parts.source.now();
  }
}
