interface Given {
  [url: string]: unknown;
}

let given: Given | undefined;

/**
 * The first page's data, as the gateway may have put it into the page: answers of GET routes by their address, in
 * `<script type="application/json" id="page-data">`. Each is used once; later questions go to the store.
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
