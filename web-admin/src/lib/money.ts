// Money is an integer of minor units and a currency; a float never touches it.
import type { Currency } from "@/gql/graphql";

export type Money = { amount: number; currency: Currency };

/** How many decimals the minor unit is away from the major one, as the server counts them. */
export const exponents: Record<Currency, number> = { CNY: 2, USD: 2, EUR: 2, GBP: 2, HKD: 2, JPY: 0, KWD: 3 };

/** `2147` fen → `¥21.47`, in the reader's language. Exact for every 64-bit amount. */
export function formatMoney(money: Money, language: string): string {
  const style = { style: "currency", currency: money.currency, currencyDisplay: "narrowSymbol" } as const;
  // A decimal string keeps every digit; lib.dom still types the argument as a number.
  return new Intl.NumberFormat(language, style).format(toMajor(money) as unknown as number);
}

/** `2147` fen → `"21.47"`. */
export function toMajor({ amount, currency }: Money): string {
  const exponent = exponents[currency];
  const digits = String(Math.abs(amount)).padStart(exponent + 1, "0");
  const cut = digits.length - exponent;
  return `${amount < 0 ? "-" : ""}${digits.slice(0, cut)}${exponent ? `.${digits.slice(cut)}` : ""}`;
}

/** `"21.47"` → `2147` fen; nothing when it is not an amount of that currency. */
export function toMinor(text: string, currency: Currency): number | undefined {
  const exponent = exponents[currency];
  const match = /^(\d{1,13})(?:\.(\d+))?$/.exec(text.trim());
  const fraction = match?.[2] ?? "";
  if (!match || fraction.length > exponent) return undefined;
  return Number(`${match[1]}${fraction.padEnd(exponent, "0")}`);
}
