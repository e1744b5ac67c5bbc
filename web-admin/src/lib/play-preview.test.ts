import { expect, test } from "vitest";
import { toCosts } from "./play-preview";

const cny = (amount: number) => ({ amount, currency: "CNY" as const });
const line = (skuId: string) => ({ skuId, regularPrice: cny(7_900), price: cny(7_000) });

test("costs are sent once for each variant, and only when they are amounts", () => {
  const lines = [line("a"), line("a"), line("b"), line("c")];
  expect(toCosts({ a: "12.5", b: "", c: "much" }, lines)).toEqual([{ skuId: "a", cost: cny(1_250) }]);
});
