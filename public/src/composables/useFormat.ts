import { useI18n } from "vue-i18n";
import type { Money } from "../api/index.ts";

const decimals = new Map<string, number>();

/** Minor digits of a currency, as the browser knows them. */
export function minorDigits(currency: string): number {
  let digits = decimals.get(currency);
  if (digits === undefined) {
    const options = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
    digits = options.maximumFractionDigits ?? 2;
    decimals.set(currency, digits);
  }
  return digits;
}

export const toMajor = (amount: number, currency: string): number => amount / 10 ** minorDigits(currency);
export const toMinor = (major: number, currency: string): number =>
  Math.round(major * 10 ** minorDigits(currency));

/** Formatters are dear to make, and lists need the same one again and again. */
const made = new Map<string, Intl.NumberFormat>();
function numbers(tag: string, currency?: string): Intl.NumberFormat {
  const key = `${tag} ${currency ?? ""}`;
  let format = made.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(tag, currency === undefined ? {} : { style: "currency", currency });
    made.set(key, format);
  }
  return format;
}

/** Money, dates and countries in the shopper's language. */
export function useFormat() {
  const { locale } = useI18n();
  const tag = (): string => (locale.value === "en" ? "en-GB" : locale.value);

  const money = ({ amount, currency }: Money): string =>
    numbers(tag(), currency).format(toMajor(amount, currency));
  const number = (value: number): string => numbers(tag()).format(value);
  const date = (time: string): string =>
    new Intl.DateTimeFormat(tag(), { dateStyle: "long" }).format(new Date(time));
  const dateTime = (time: string): string =>
    new Intl.DateTimeFormat(tag(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));
  const country = (code: string): string => new Intl.DisplayNames(tag(), { type: "region" }).of(code) ?? code;
  return { money, number, date, dateTime, country };
}
