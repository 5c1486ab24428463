import type { OpenedPage, PageRequest } from "../../../services/gateway/gateway.page.types.ts";
import { requestOf, type Category, type Product, type ProductList } from "../api/index.ts";
import { questionsOf } from "../firstPage.ts";

/** What is known of an opened page, by name. */
export class Answers {
  readonly request: PageRequest;
  readonly name: string;
  readonly isFound: boolean;
  readonly #byUrl: ReadonlyMap<string, unknown>;

  constructor(request: PageRequest, { name, status, answers }: OpenedPage) {
    this.request = request;
    this.name = status === 404 ? "not-found" : name;
    this.isFound = status === 200;
    this.#byUrl = new Map(answers.map(({ url, value }) => [url, value]));
  }

  get categories(): readonly Category[] {
    const { url } = requestOf("GET /categories", {});
    return (this.#byUrl.get(url) as { data: Category[] } | undefined)?.data ?? [];
  }

  /** The last part of the path: a category's or a product's name in addresses. */
  get slug(): string {
    return this.request.path.split("/").filter(Boolean).at(-1) ?? "";
  }

  get category(): Category | undefined {
    return this.name === "category" ? this.categories.find(({ slug }) => slug === this.slug) : undefined;
  }

  get product(): Product | undefined {
    return this.name === "product" ? this.#main<Product>({ slug: this.slug }) : undefined;
  }

  get list(): ProductList | undefined {
    if (this.name === "category") return this.#main<ProductList>({ category: this.slug });
    return this.name === "search" || this.name === "home" ? this.#main<ProductList>({}) : undefined;
  }

  get query(): Record<string, string | string[]> {
    const query: Record<string, string | string[]> = {};
    for (const [name, value] of new URLSearchParams(this.request.query)) {
      const before = query[name];
      query[name] = before === undefined ? value : [before, value].flat();
    }
    return query;
  }

  #main<T>(params: Record<string, string>): T | undefined {
    const [question] = questionsOf({ name: this.name, params, query: this.query }, this.request.currency);
    return question && (this.#byUrl.get(requestOf(question.route, question.params).url) as T | undefined);
  }
}
