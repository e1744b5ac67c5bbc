import { expect, test } from "vitest";
import * as complaint from "./complaint";
import * as pass from "./pass";
import * as terms from "./terms";

const money = (amount: number) => ({ amount, currency: "CNY" as const });

test("passing what came back gives all back, or less; of an exchange no money moves", () => {
  const of = { id: "as1", kind: "RETURN", amount: money(9900) };
  expect(pass.toInput({ how: "all", amount: "5", restock: true }, of)).toEqual({
    id: "as1",
    includeShipping: false,
    restock: true,
    note: "",
  });
  expect(pass.toInput({ how: "less", amount: "80", note: " 有使用痕迹 " }, of)).toMatchObject({
    amount: money(8000),
    note: "有使用痕迹",
  });
  const exchange = { ...of, kind: "EXCHANGE" };
  expect(pass.toInput({ how: "less", amount: "80", includeShipping: true }, exchange)).toMatchObject({
    amount: undefined,
    includeShipping: false,
  });
});

test("only a shopper who is found right is compensated", () => {
  const decided = { verdict: "UPHELD" as const, compensation: "20", note: " 有理 " };
  expect(complaint.toInput(decided, "c1", money(9900))).toEqual({
    id: "c1",
    verdict: "UPHELD",
    note: "有理",
    compensation: money(2000),
  });
  expect(complaint.toInput({ ...decided, verdict: "DISMISSED" }, "c1", money(9900)).compensation).toBeUndefined();
  expect(complaint.toInput({ ...decided, compensation: "" }, "c1", money(9900)).compensation).toBeUndefined();
});

test("terms that are opened and saved untouched stay as they are", () => {
  const stand = {
    answerHours: 48,
    returnDays: 7,
    receiveDays: 10,
    inspectHours: 48,
    reshipHours: 72,
    confirmDays: 10,
    faultDays: 15,
    complainDays: 7,
    complaintHours: 72,
    instantMost: money(5000),
    instantOrders: 3,
    instantCases: 2,
    returnTo: "杭州市西湖区文三路 1 号",
  };
  expect(terms.toInput(terms.toEntered(stand), stand)).toEqual(stand);
  expect(terms.toInput({ ...terms.toEntered(stand), instantMost: "" }, stand).instantMost).toBeUndefined();
});
