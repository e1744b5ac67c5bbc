import dayjs from "dayjs";
import { expect, test } from "vitest";
import { toBegin } from "./bills";
import { amountOf } from "./journal";
import { toAdjust, toExport } from "./statements";

const window: [dayjs.Dayjs, dayjs.Dayjs] = [dayjs("2026-11-11T15:00:00"), dayjs("2026-11-12T09:00:00")];
const whole = {
  from: dayjs("2026-11-11T00:00:00").toISOString(),
  until: dayjs("2026-11-13T00:00:00").toISOString(),
};

test("days are whole days, the last one included", () => {
  expect(toExport({ subject: "WALLET", form: "CSV", window })).toMatchObject(whole);
  expect(toBegin({ gateway: "wechat", window, files: [{ name: "bill.csv", size: 7 }] })).toEqual({
    gateway: "wechat",
    fileName: "bill.csv",
    bytes: 7,
    ...whole,
  });
  expect(toBegin({ gateway: "wechat", window, files: [] })).toBeUndefined();
});

test("taking out of a wallet is giving with a minus", () => {
  const money = (amount: number) => ({ amount, currency: "CNY" });
  expect(toAdjust({ way: "give", amount: "12.3", reason: " 补偿 " }, "c1")).toEqual({
    customerId: "c1",
    amount: money(1230),
    reason: "补偿",
  });
  expect(toAdjust({ way: "take", amount: "12.3", reason: "…" }, "c1").amount).toEqual(money(-1230));
});

test("points are counted, money is written in its currency", () => {
  expect(amountOf({ minor: 1200, unit: "PTS" }, "en")).toBe("1,200");
  expect(amountOf({ minor: -1200, unit: "CNY" }, "en")).toContain("12.00");
});
