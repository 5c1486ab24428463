/** What a path leads to: `route` is missing when the path exists for other methods alone. */
export interface Match<R> {
  readonly route: R | undefined;
  /** Values of the path's parameters as they stand in the URL. */
  readonly values: readonly string[];
  /** Methods that the path has. */
  readonly methods: readonly string[];
}

interface Branch<R> {
  readonly words: Map<string, Branch<R>>;
  any: Branch<R> | undefined;
  readonly routes: Map<string, R>;
  methods: string[];
}

const branch = <R>(): Branch<R> => ({ words: new Map(), any: undefined, routes: new Map(), methods: [] });
const noValues: readonly string[] = [];

/** Finds routes by path, case-sensitive; fixed words win over parameters. */
export class Matcher<R> {
  readonly #root = branch<R>();
  /** Paths without parameters, found without taking the path apart. */
  readonly #fixed = new Map<string, Branch<R>>();

  /** @param path absolute, its parameters as `:name`. */
  add(method: string, path: string, route: R): void {
    let at = this.#root;
    for (const part of path.slice(1).split("/")) {
      let next = part.startsWith(":") ? at.any : at.words.get(part);
      if (next === undefined) {
        next = branch<R>();
        if (part.startsWith(":")) at.any = next;
        else at.words.set(part, next);
      }
      at = next;
    }
    at.routes.set(method, route);
    at.methods = [...at.routes.keys()];
    if (!path.includes("/:")) this.#fixed.set(path, at);
  }

  find(method: string, path: string): Match<R> | undefined {
    const fixed = this.#fixed.get(path);
    if (fixed !== undefined)
      return { route: fixed.routes.get(method), values: noValues, methods: fixed.methods };
    const values: string[] = [];
    const found = this.#walk(this.#root, path.split("/"), 1, values);
    return found && { route: found.routes.get(method), values, methods: found.methods };
  }

  #walk(at: Branch<R>, parts: readonly string[], index: number, values: string[]): Branch<R> | undefined {
    const part = parts[index];
    if (part === undefined) return at.methods.length > 0 ? at : undefined;
    const word = at.words.get(part);
    if (word !== undefined) {
      const found = this.#walk(word, parts, index + 1, values);
      if (found !== undefined) return found;
    }
    if (at.any === undefined || part === "") return undefined;
    values.push(part);
    const found = this.#walk(at.any, parts, index + 1, values);
    if (found === undefined) values.pop();
    return found;
  }
}
