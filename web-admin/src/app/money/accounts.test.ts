import { expect, test } from "vitest";
import { balanced, shown } from "./accounts";

const of = (account: string, amount: number, currency: "CNY" | "USD" = "CNY") => ({
  account,
  balance: { amount, currency },
});

test("an account has the sign a shopkeeper expects", () => {
  expect(shown(of("gateway_clearing:wechat", 5000))).toMatchObject({
    kind: "gateway_clearing",
    owner: "wechat",
    nature: "owned",
    balance: { amount: 5000 },
  });
  expect(shown(of("sales", -5000))).toMatchObject({ nature: "earned", balance: { amount: 5000 } });
  expect(shown(of("wallet", 0)).balance.amount).toBe(0);
  expect(Object.is(shown(of("wallet", 0)).balance.amount, -0)).toBe(false);
  expect(shown(of("something_new", -7))).toMatchObject({ nature: "other", balance: { amount: -7 } });
});

test("the books balance in each currency, not across them", () => {
  expect(balanced([])).toBe(true);
  expect(balanced([of("gateway_clearing:wechat", 700), of("sales", -700)])).toBe(true);
  expect(balanced([of("gateway_clearing:wechat", 700), of("sales", -700, "USD")])).toBe(false);
});
