const digits = new Map<string, number>();

/** Digits after the point in the currency's minor unit: 2 for GBP, 0 for JPY. */
export function minorDigits(currency: string): number {
  let known = digits.get(currency);
  if (known === undefined) {
    const format = new Intl.NumberFormat("en", { style: "currency", currency });
    known = format.resolvedOptions().maximumFractionDigits ?? 2;
    digits.set(currency, known);
  }
  return known;
}

/** Minor units of a decimal amount such as `19.9`; undefined when it is none, or finer than the currency. */
export function minorUnits(amount: string, currency: string): number | undefined {
  const match = /^(\d{1,10})(?:\.(\d+))?$/.exec(amount);
  if (!match) return undefined;
  const [, whole = "", fraction = ""] = match;
  const places = minorDigits(currency);
  const padded = fraction.padEnd(places, "0");
  if (/[1-9]/.test(padded.slice(places))) return undefined;
  return Number(`${whole}${padded.slice(0, places)}`);
}

/** The decimal amount of minor units, for people and files. */
export function decimalOf(amount: number, currency: string): string {
  const places = minorDigits(currency);
  const text = String(amount).padStart(places + 1, "0");
  return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
}
