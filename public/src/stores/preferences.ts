import { useLocalStorage } from "@vueuse/core";
import { watch } from "vue";
import { isLanguage, useLanguage, type Language } from "../i18n/index.ts";

export const currencies = ["GBP", "EUR", "USD"] as const;
export type Theme = "system" | "light" | "dark";

/** A page that was rendered for this visit says which language the browser asked for. */
const browserLanguage = (): Language => {
  if (import.meta.env.SSR) return "en";
  const shown = document.getElementById("app")?.dataset.shown?.slice(0, 2) ?? "";
  return isLanguage(shown)
    ? shown
    : (navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? "en");
};

/** What the shopper chose; kept in this browser. */
export const language = useLocalStorage<Language>("valence.language", browserLanguage());
export const currency = useLocalStorage<string>("valence.currency", "GBP");
export const theme = useLocalStorage<Theme>("valence.theme", "system");

/** Applies the choices, now and whenever they change. */
export async function startPreferences(): Promise<void> {
  watch(
    theme,
    (value) => {
      if (value === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = value;
    },
    { immediate: true },
  );
  watch(language, (value) => void useLanguage(value));
  watch([language, currency, theme], tellGateway, { immediate: true });
  await useLanguage(isLanguage(language.value) ? language.value : "en");
}

const YEAR_S = 31_536_000;

/** The gateway reads this cookie to render the first view as the shopper wants it. */
function tellGateway(): void {
  const choice = [language.value, currency.value, theme.value].join(".");
  document.cookie = `preferences=${choice}; Path=/; SameSite=Lax; Max-Age=${YEAR_S}`;
}
