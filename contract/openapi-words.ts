import type { PublishedAction } from "./define.ts";
import { permissions } from "./permissions.ts";

export const about = `The store's API. Money is in integer minor units with its currency, times are UTC ISO 8601 with milliseconds, ids are
UUIDv7. Errors are \`application/problem+json\` (RFC 9457): act on \`code\`, show \`detail\`, quote \`requestId\`. Lists answer
\`data\` and \`page.next\`, the \`cursor\` of the page behind. \`Idempotency-Key\` makes a change repeatable; \`ETag\` and
\`If-Match\` keep two editors apart. \`RateLimit\` and \`RateLimit-Policy\` say what is left; 429 and 503 come with \`Retry-After\`.
Within v1 fields and routes are added, never renamed or removed: ignore what you do not know.`;

/** What each group of routes is about, by actor. */
export const tagWords: Readonly<Record<string, string>> = {
  gateway: "Nodes, queues and messages that wait for somebody",
  users: "Accounts, sessions, addresses, wishlists and API keys",
  products: "The catalogue by id: products, categories, reviews, imports and exports",
  inventory: "Stock: what is on hand, what is held for orders, and its ledger",
  search: "Lists of products, facets and suggestions",
  carts: "Carts of guests and accounts",
  orders: "Orders from checkout to return, coupons, shipping methods, figures",
  payments: "Payments, the providers' reports, the test provider",
  notifications: "Mails that were sent or wait",
  webhooks: "The event feed and the endpoints that it is sent to",
  audit: "Who changed what",
  metrics: "Figures for operators",
};

function whoMay({ auth }: PublishedAction): string {
  if (auth === "anyone") return "Anyone may call it.";
  if (auth === "customer") return "For the signed-in account; API keys have none of their own.";
  if (auth === "holder")
    return "For the customer whose it is, or the guest who sends its secret; 404 for everybody else.";
  if (auth === "provider") return "For the payment provider, known by the signature of the body.";
  return `For staff whose role has \`${auth.permission}\`, and for API keys with that scope.`;
}

/** What a reader has to know beside the summary, made of what the contract says. */
export function descriptionOf(action: PublishedAction): string {
  const { idempotencyKey, ifMatch, etag, answer = "json", body = "json" } = action;
  return [
    `${action.summary}.`,
    whoMay(action),
    idempotencyKey === "required" &&
      "Needs an `Idempotency-Key`: the same key and body are answered alike for 24 hours.",
    idempotencyKey === "optional" &&
      "With an `Idempotency-Key` a repeat gets the first answer, for 24 hours.",
    ifMatch === "required" &&
      "Needs `If-Match` with the version that is changed (428 without, 412 when it has moved on).",
    ifMatch === "optional" && "With `If-Match` it changes that version only (412 when it has moved on).",
    etag !== undefined &&
      action.rest.startsWith("GET ") &&
      "`If-None-Match` with the last `ETag` saves the body (304).",
    answer === "sse" &&
      "Server-sent events; read them with `fetch`, as `EventSource` sends no `Authorization`.",
    body === "csv" && "The body is UTF-8 CSV with a header row, and is streamed.",
  ]
    .filter((line) => line !== false)
    .join("\n\n");
}

export const scopeWords = `Scopes: ${permissions.map((scope) => `\`${scope}\``).join(", ")}.`;
