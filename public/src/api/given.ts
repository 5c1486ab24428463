interface Given {
  [url: string]: unknown;
}

let given: Given | undefined;

/** Keeps an answer, or the promise of one, for the question that will come. */
export function give(url: string, answer: unknown): void {
  given ??= read();
  given[url] = answer;
}

/**
 * The first page's data: what the gateway put into the page (answers of GET routes by their address, in
 * `<script type="application/json" id="page-data">`) and what was asked for ahead. Each is used once; later questions
 * go to the store.
 */
export function takeGiven(url: string): unknown {
  given ??= read();
  const answer = given[url];
  Reflect.deleteProperty(given, url);
  return answer;
}

function read(): Given {
  const text = document.getElementById("page-data")?.textContent;
  try {
    return text ? (JSON.parse(text) as Given) : {};
  } catch {
    return {};
  }
}
