// What an offer gives, in one sentence a shopkeeper would say.
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { formatMoney, type Money } from "@/lib/money";
import type { Coupon } from "./coupon-form";
import type { Reduction } from "./reduction-form";

type CouponBenefit = Coupon["terms"]["benefit"];
type ReductionEffect = Reduction["effect"];

const percent = (bps: number | null | undefined) => (bps ?? 0) / 100;

export function couponWords(
  { benefit, minSpend }: { benefit: CouponBenefit; minSpend: Money },
  t: TFunction,
  language: string,
): string {
  const money = (of: Money) => formatMoney(of, language);
  const from = minSpend.amount > 0 ? t("words.from", { least: money(minSpend) }) : t("words.noLeast");
  const cap = benefit.cap ? t("words.cap", { most: money(benefit.cap) }) : "";
  const gives = {
    CASH: () => t("words.cash", { amount: benefit.amount ? money(benefit.amount) : "" }),
    PERCENT: () => t("words.percent", { percent: percent(benefit.offBps) }),
    FREE_SHIPPING: () => t("words.freeShipping"),
    EXCHANGE: () => t("words.exchange", { count: benefit.pieces ?? 0 }),
  }[benefit.kind]();
  return `${from}${gives}${cap}`;
}

export function reductionWords(effect: ReductionEffect, currency: Money["currency"], t: TFunction, language: string) {
  const money = (amount: number) => formatMoney({ amount, currency }, language);
  const least = (from: number | null | undefined) =>
    effect.measure === "PIECES" ? t("words.pieces", { count: from ?? 0 }) : money(from ?? 0);
  const off = (of: { off?: Money | null; offBps?: number | null }) =>
    of.off ? t("words.cash", { amount: money(of.off.amount) }) : t("words.percent", { percent: percent(of.offBps) });
  switch (effect.kind) {
    case "TIERS":
      return effect.tiers
        .map((tier) => `${t("words.from", { least: least(tier.from) })}${off(tier)}`)
        .join(t("words.join"));
    case "EVERY":
      return `${t("words.every", { least: least(effect.from) })}${off(effect)}${
        effect.mostTimes ? t("words.mostTimes", { count: effect.mostTimes }) : ""
      }`;
    case "NTH_PIECE":
      return t("words.nth", { n: effect.pieces ?? 0, percent: percent(effect.offBps) });
    case "ANY_FOR":
      return t("words.anyFor", { count: effect.pieces ?? 0, price: effect.price ? money(effect.price.amount) : "" });
    case "BUNDLE":
      return t("words.bundle", { count: effect.items.length, price: effect.price ? money(effect.price.amount) : "" });
    case "GIFT":
      return t("words.gift", { least: least(effect.from), count: effect.items[0]?.quantity ?? 1 });
  }
}

export function CouponWords({ terms }: { terms: { benefit: CouponBenefit; minSpend: Money } }) {
  const { t, i18n } = useTranslation("promotions");
  return <>{couponWords(terms, t, i18n.language)}</>;
}

export function ReductionWords({ effect }: { effect: ReductionEffect }) {
  const { t, i18n } = useTranslation("promotions");
  const currency = effect.off?.currency ?? effect.price?.currency ?? effect.tiers[0]?.off?.currency ?? "CNY";
  return <>{reductionWords(effect, currency, t, i18n.language)}</>;
}
