import { password } from "./callers.ts";
import type { Operation } from "./document.ts";
import type { Request } from "./requests.ts";

const keptValues = 40;
/** What a client knows before it asks: values of the guide, and the password of the walk's accounts. */
const usual: Readonly<Record<string, readonly string[]>> = {
  currency: ["GBP"],
  country: ["GB"],
  password: [password],
  provider: ["test"],
  token: ["tok_visa"],
  postalCode: ["SW1Y 4JH"],
  shippingMethod: ["standard"],
};
const keptThings = 2000;

/** What goes with an id: the version to be named in `If-Match`, and what opens a guest's cart or order. */
interface Thing {
  version?: string;
  secret?: string;
}

/** What the store answered, to ask for it again: ids by the resource that they stand under, and what belongs to each. */
export class Memory {
  readonly #values = new Map(Object.entries(usual).map(([name, list]) => [name, [...list]]));
  readonly #things = new Map<string, Thing>();

  known = (name: string): readonly string[] => this.#values.get(name) ?? [];

  learn(operation: Operation, body: unknown): void {
    const resource = operation.path.split("/").filter((part) => part !== "" && part !== "admin")[0] ?? "";
    this.#walk(body, resource, 0);
  }

  /** The headers that a client would send who remembers what it was answered. */
  headersFor({ operation, url, body }: Request): Record<string, string> {
    const headers: Record<string, string> = {};
    const conditional = operation.parameters.some(({ name }) => name === "If-Match");
    const path = (url.split("?")[0] ?? "").split("/").map(decodeURIComponent);
    const cart = /"cartId":"([^"]+)"/.exec(body ?? "")?.[1];
    for (const id of cart === undefined ? path : [...path, cart]) {
      const { version, secret } = this.#things.get(id) ?? {};
      if (conditional && version !== undefined) headers["If-Match"] = version;
      if (secret !== undefined) Object.assign(headers, { "X-Cart-Secret": secret, "X-Order-Secret": secret });
    }
    return headers;
  }

  #walk(value: unknown, resource: string, depth: number): void {
    if (typeof value !== "object" || value === null || depth > 4) return;
    if (Array.isArray(value)) return value.slice(0, 5).forEach((one) => this.#walk(one, resource, depth + 1));
    this.#remember(value as Record<string, unknown>);
    for (const [name, inner] of Object.entries(value)) {
      if (
        typeof inner === "string" &&
        /^(id|sku|slug|code|email|cartId|orderId|productId|next)$/.test(name)
      ) {
        this.#note(name === "id" ? `id:${resource}` : name === "next" ? "cursor" : name, inner);
        if (name === "id" && depth === 0) this.#note(`${resource.slice(0, -1)}Id`, inner);
        if (name === "slug") this.#note("idOrSlug", inner);
      } else this.#walk(inner, resource, depth + 1);
    }
  }

  #remember({ id, code, sku, version, secret }: Record<string, unknown>): void {
    const thing: Thing = {
      ...(typeof version === "number" && { version: `"${version}"` }),
      ...(typeof secret === "string" && { secret }),
    };
    for (const name of [id, code, sku]) {
      if (typeof name !== "string") continue;
      if (this.#things.size >= keptThings) this.#things.clear();
      this.#things.set(name, { ...this.#things.get(name), ...thing });
    }
  }

  #note(name: string, value: string): void {
    const list = this.#values.get(name) ?? [];
    if (list.includes(value)) return;
    if (list.length >= keptValues) list.shift();
    list.push(value);
    this.#values.set(name, list);
  }
}
