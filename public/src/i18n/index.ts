import { createI18n } from "vue-i18n";
import en from "./en/index.ts";

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;
type Messages = typeof en;

export const isLanguage = (value: string): value is Language => Object.hasOwn(languages, value);

export const i18n = createI18n<[Messages], Language, false>({
  legacy: false,
  locale: "en",
  fallbackLocale: "en",
  messages: { en } as Record<Language, Messages>,
  missingWarn: import.meta.env.DEV,
  fallbackWarn: import.meta.env.DEV,
});

const loaders: Record<Exclude<Language, "en">, () => Promise<{ default: Messages }>> = {
  de: () => import("./de/index.ts"),
};

/** Loads a language's texts and shows them. */
export async function useLanguage(language: Language): Promise<void> {
  const { global } = i18n;
  if (language !== "en" && Object.keys(global.getLocaleMessage(language)).length === 0)
    global.setLocaleMessage(language, (await loaders[language]()).default);
  await extend(language);
  global.locale.value = language;
  if (!import.meta.env.SSR) document.documentElement.lang = language;
}

type Extra = (language: Language) => Promise<object>;
const extras: Extra[] = [];

const extend = async (language: Language): Promise<void> => {
  for (const load of extras) i18n.global.mergeLocaleMessage(language, await load(language));
};

/** Further texts that only a part of the application needs. */
export async function addTexts(load: Extra): Promise<void> {
  if (extras.includes(load)) return;
  extras.push(load);
  i18n.global.mergeLocaleMessage("en", await load("en"));
  if (i18n.global.locale.value !== "en") await extend(i18n.global.locale.value);
}
