/** A page that a browser asked for, in the words of the one who asks. */
export interface PageRequest {
  readonly path: string;
  /** Behind the question mark. */
  readonly query: string;
  readonly language: string;
  readonly currency: string;
  /** Where shoppers reach the store, without a slash at the end. */
  readonly base: string;
}

/** The answer of a GET route of the API to whoever asks. */
export interface AnswerTo {
  readonly url: string;
  readonly status: number;
  readonly value: unknown;
  /** The value as the route sends it. */
  readonly json: string;
}
export type Ask = (url: string) => Promise<AnswerTo>;

export interface OpenedPage {
  readonly status: number;
  readonly name: string;
  /** Not for search engines. */
  readonly isPrivate: boolean;
  /** What the page shows; the same answers make the same page. */
  readonly answers: readonly AnswerTo[];
}

export interface WrittenPage {
  /** What stands in `<head>` of this page alone. */
  readonly head: string;
  /** The markup of the first view; empty where the browser makes it itself. */
  readonly body: string;
  /** The largest picture of the first view. */
  readonly picture: string | undefined;
  /** Sources that took part, to have their scripts fetched early. */
  readonly modules: readonly string[];
}

export type OpenPage = (request: PageRequest, ask: Ask) => Promise<OpenedPage>;
export type RenderPage = (request: PageRequest, page: OpenedPage) => Promise<WrittenPage>;

/** What the front end's build for the gateway offers. */
export interface FrontEnd {
  readonly openPage: OpenPage;
  readonly renderPage: RenderPage;
  readonly preferences: { readonly languages: readonly string[]; readonly currencies: readonly string[] };
}
