import { requestOf } from "./client.ts";
import type { Answer, Params, Route } from "./routes.ts";

let given = new Map<string, unknown>();

/** Replaces all that is known of the page's data: answers of GET routes by their address. */
export const giveAll = (answers: Iterable<readonly [url: string, answer: unknown]>): void => {
  given = new Map(answers);
};

/** Keeps an answer for the question that the page will put. */
export function give<R extends Route>(route: R, params: Params<R>, answer: Answer<R>): void {
  given.set(addressOf(route, params), answer);
}

export const isGiven = <R extends Route>(route: R, params: Params<R>): boolean =>
  given.has(addressOf(route, params));

/**
 * The first page's data, at once: on the server what was asked before rendering, in the browser what the page brought
 * along. Each answer is used once; later questions go to the store.
 */
export function takeGiven<R extends Route>(route: R, params: Params<R>): Answer<R> | undefined {
  const url = addressOf(route, params);
  const answer = given.get(url) as Answer<R> | undefined;
  if (!import.meta.env.SSR) given.delete(url);
  return answer;
}

/** The same as the only page of a list so far. */
export function takeFirstPage<R extends Route>(
  route: R,
  params: Params<R>,
): { pages: Answer<R>[]; pageParams: (string | null)[] } | undefined {
  const answer = takeGiven(route, params);
  return answer && { pages: [answer], pageParams: [null] };
}

/** Reads what the gateway put into the page. */
export function readPageData(): void {
  const text = document.getElementById("page-data")?.textContent;
  try {
    if (text) giveAll(Object.entries(JSON.parse(text) as object));
  } catch {
    // The page asks for itself then.
  }
}

const addressOf = <R extends Route>(route: R, params: Params<R>): string =>
  requestOf(route, params as Record<string, unknown>).url;
