import { expect, test } from "vitest";
import { amountProblem } from "./form-drawer";

test("an amount is judged in minor units of its currency", () => {
  const most = { amount: 2147, currency: "CNY" as const };
  expect(amountProblem("", "CNY", most)).toBeUndefined();
  expect(amountProblem("21.47", "CNY", most)).toBeUndefined();
  expect(amountProblem("21.48", "CNY", most)).toBe("form.amountHigh");
  expect(amountProblem("21.475", "CNY", most)).toBe("form.amountWrong");
  expect(amountProblem("1.5", "JPY")).toBe("form.amountWrong");
  expect(amountProblem("0", "CNY")).toBe("form.amountLow");
  expect(amountProblem("0", "CNY", undefined, 0)).toBeUndefined();
});
