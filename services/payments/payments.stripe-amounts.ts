/** Whole units in the ISO standard, hundredths at Stripe. */
const hundredths: ReadonlySet<string> = new Set(["ISK", "UGX"]);

const factor = (currency: string): number => (hundredths.has(currency.toUpperCase()) ? 100 : 1);

/** Minor units of ISO 4217 as Stripe counts them. */
export const toStripe = (amount: number, currency: string): number => amount * factor(currency);

export const fromStripe = (amount: number, currency: string): number => amount / factor(currency);
