import type { IncomingHttpHeaders } from "node:http";
import { languagesOf } from "./gateway.headers.ts";

/** How a shopper wants pages: chosen before (a cookie that the front end keeps), else what the browser asks for. */
export interface Preferences {
  readonly language: string;
  readonly currency: string;
  readonly theme: "system" | "light" | "dark";
}

interface Offered {
  readonly languages: readonly string[];
  readonly currencies: readonly string[];
}

const chosen = /(?:^|;\s*)preferences=([a-z]{2})\.([A-Z]{3})\.(system|light|dark)(?:;|$)/;

export function preferencesOf(headers: IncomingHttpHeaders, offered: Offered): Preferences {
  const [, language = "", currency = "", theme = "system"] = chosen.exec(headers.cookie ?? "") ?? [];
  const wishes = [language, ...languagesOf(headers["accept-language"] ?? "")];
  return {
    language: wishes.find((wish) => offered.languages.includes(wish)) ?? "en",
    currency: offered.currencies.includes(currency) ? currency : (offered.currencies[0] ?? "GBP"),
    theme: theme as Preferences["theme"],
  };
}
