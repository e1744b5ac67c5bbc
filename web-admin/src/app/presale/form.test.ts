import dayjs from "dayjs";
import { expect, test } from "vitest";
import type { Product } from "@/app/group-buy/form";
import { type Entered, problem, toEntered, toInput } from "./form";
import { milestones } from "./milestones";
import type { Presale } from "./presale";

const cny = (amount: number) => ({ amount, currency: "CNY" as const });
const sku = (id: string, amount: number) => ({
  id,
  status: "ACTIVE" as const,
  label: { zhCn: id, en: id },
  price: cny(amount),
});
const product: Product = { id: "tea", skus: [sku("tin", 7_900), sku("box", 12_900)] };
const at = (day: number) => dayjs(`2026-11-${day}T00:00:00+08:00`);
const entered: Entered = {
  nameZh: " 明前茶预售 ",
  nameEn: "",
  productId: "tea",
  mode: "DEPOSIT",
  prices: { tin: { price: "70", deposit: "10", worth: "15", stock: 50 }, box: { price: "100", stock: null } },
  forfeits: true,
  protects: true,
  window: [at(11), at(15)],
  balance: [at(15), at(18)],
  shipBy: at(28),
  perCustomer: 2,
};

test("what a shopkeeper enters becomes minor units and instants; a variant without a price or pieces takes no part", () => {
  expect(toInput(entered, product)).toEqual({
    title: { zhCn: "明前茶预售" },
    productId: "tea",
    mode: "DEPOSIT",
    forfeits: true,
    protectsPrice: true,
    skus: [{ skuId: "tin", price: cny(7_000), deposit: cny(1_000), depositWorth: cny(1_500), stock: 50 }],
    perCustomerLimit: 2,
    startsAt: "2026-11-10T16:00:00.000Z",
    endsAt: "2026-11-14T16:00:00.000Z",
    balanceFrom: "2026-11-14T16:00:00.000Z",
    balanceUntil: "2026-11-17T16:00:00.000Z",
    shipBy: "2026-11-27T16:00:00.000Z",
  });
});

test("who pays everything at once pays no deposit, whatever was typed before", () => {
  const input = toInput({ ...entered, mode: "FULL" }, product);
  expect(input.skus[0]).toEqual({ skuId: "tin", price: cny(7_000), stock: 50 });
  expect([input.forfeits, input.protectsPrice, input.balanceFrom, input.balanceUntil]).toEqual([
    false,
    false,
    undefined,
    undefined,
  ]);
});

test("what cannot be promised is said before it is sent", () => {
  const priced = (tin: Entered["prices"][string]) => problem({ ...entered, prices: { tin } }, product);
  expect(problem(entered, product)).toBeUndefined();
  expect(problem({ ...entered, prices: {} }, product)).toBe("form.priceNone");
  expect(priced({ price: "70", stock: 1 })).toBe("form.depositNone");
  expect(priced({ price: "70", deposit: "10", worth: "9", stock: 1 })).toBe("form.depositUneven");
  expect(priced({ price: "70", deposit: "10", worth: "70", stock: 1 })).toBe("form.depositUneven");
  expect(priced({ price: "70", deposit: "14.01", worth: "20", stock: 1 })).toBe("form.depositUnlawful");
  expect(priced({ price: "70", deposit: "14", worth: "20", stock: 1 })).toBeUndefined();
  const back = { ...entered, forfeits: false, prices: { tin: { price: "70", deposit: "40", stock: 1 } } };
  expect(problem(back, product)).toBeUndefined();
  expect(problem({ ...entered, balance: [at(14), at(18)] }, product)).toBe("form.balanceEarly");
  expect(problem({ ...entered, shipBy: at(17) }, product)).toBe("form.shipEarly");
  expect(problem({ ...entered, mode: "FULL", balance: null, shipBy: at(14) }, product)).toBe("form.shipEarly");
});

test("a draft that is opened and saved again stays the same", () => {
  const { title, skus, ...same } = toInput(entered, product);
  const presale = {
    ...same,
    titleTexts: { ...title, en: null },
    skus: skus.map((sku) => ({ ...sku, left: sku.stock })),
  } as unknown as Presale;
  expect(toInput(toEntered(presale), product)).toEqual({ title: { ...title, en: undefined }, skus, ...same });
});

test("windows that touch are one moment", () => {
  const presale = { mode: "DEPOSIT", startsAt: "1", endsAt: "2", balanceFrom: "2", balanceUntil: "3", shipBy: "4" };
  expect(milestones(presale).map(({ key }) => key)).toEqual(["starts", "endsAndBalance", "balanceUntil", "ships"]);
  expect(milestones({ ...presale, balanceFrom: "2.5" }).map(({ at }) => at)).toEqual(["1", "2", "2.5", "3", "4"]);
  expect(milestones({ ...presale, mode: "FULL" }).map(({ key }) => key)).toEqual(["starts", "ends", "ships"]);
});
