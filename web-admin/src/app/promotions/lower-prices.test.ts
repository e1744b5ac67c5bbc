import dayjs from "dayjs";
import { expect, test } from "vitest";
import * as discount from "./discount-form";
import { priceChanges } from "./members";
import { parcelChanges } from "./parcels";

const window: [dayjs.Dayjs, dayjs.Dayjs] = [dayjs("2026-11-20T00:00:00Z"), dayjs("2026-11-27T00:00:00Z")];

test("a variant is lowered by a share or to a price, never both", () => {
  const input = discount.toInput({
    nameZh: " 周末 ",
    prices: [
      { skuId: "sku_1", how: "percent", percent: 12.5, price: "9.90" },
      { skuId: "sku_2", how: "price", percent: 5, price: "9.90" },
    ],
    window,
  });
  expect(input.title).toEqual({ zhCn: "周末", en: undefined });
  expect(input.prices).toEqual([
    { skuId: "sku_1", offBps: 1250, price: undefined },
    { skuId: "sku_2", offBps: undefined, price: 990 },
  ]);
  expect(input.startsAt).toBe("2026-11-20T00:00:00.000Z");
});

test("a member price that is taken off the list is taken away", () => {
  const level = {
    prices: [
      { skuId: "a", price: 100 },
      { skuId: "b", price: 200 },
    ],
  };
  expect(priceChanges(level, { prices: [{ skuId: "b", price: "2.50" }] })).toEqual([
    { skuId: "b", price: 250 },
    { skuId: "a", price: undefined },
  ]);
});

test("only parcels that changed are written", () => {
  const sku = {
    id: "a",
    label: { zhCn: null, en: null },
    status: "ACTIVE" as const,
    weightGrams: 1,
    volumeCm3: 5,
    taxBps: 0,
  };
  const skus = [
    { ...sku, freightTemplateId: null },
    { ...sku, id: "b", freightTemplateId: "frt_1" },
  ];
  const entered = {
    skus: {
      a: { volumeCm3: 5, freightTemplateId: null, percent: 0 },
      b: { volumeCm3: null, freightTemplateId: null, percent: 13 },
    },
  };
  expect(parcelChanges(skus, entered)).toEqual([
    { skuId: "b", volumeCm3: 0, freightTemplateId: undefined, taxBps: 1300 },
  ]);
});
