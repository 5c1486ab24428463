import { useLocalStorage } from "@vueuse/core";
import { watch } from "vue";
import { isLanguage, useLanguage, type Language } from "../i18n/index.ts";

export const currencies = ["GBP", "EUR", "USD"] as const;
export type Theme = "system" | "light" | "dark";

const browserLanguage = (): Language =>
  navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? "en";

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
  await useLanguage(isLanguage(language.value) ? language.value : "en");
}
