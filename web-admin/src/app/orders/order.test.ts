import { expect, test } from "vitest";
import { piecesLeft, possible, refundable, toShip } from "./order";
import { explain } from "./trace";

const money = (amount: number) => ({ amount, currency: "CNY" as const });
const refund = (status: "SUCCEEDED" | "PROCESSING" | "FAILED", amount: number) => ({ status, amount: money(amount) });
const order = (status: Parameters<typeof possible>[0]["status"], ...refunds: ReturnType<typeof refund>[]) =>
  ({ status, total: money(10000), refunds, deliveryMethod: "PARCEL" }) as Parameters<typeof possible>[0];

test("money on its way back can not be given back again; a refund that failed can", () => {
  const refunds = [refund("SUCCEEDED", 2500), refund("PROCESSING", 500), refund("FAILED", 7000)];
  expect(refundable({ total: money(10000), refunds })).toEqual(money(7000));
  expect(refundable({ total: money(10000), refunds: [refund("SUCCEEDED", 10000)] }).amount).toBe(0);
});

test("what may be tried follows from where the order stands", () => {
  expect(possible(order("PENDING_PAYMENT"))).toMatchObject({ ship: false, cancel: true, refund: false });
  expect(possible(order("TO_SHIP"))).toMatchObject({ ship: true, cancel: false, refund: true, refundPart: true });
  expect(possible(order("AWAITING_TEAM"))).toMatchObject({ ship: false, refund: true, refundPart: false });
  expect(possible(order("SHIPPED", refund("PROCESSING", 10000))).refund).toBe(false);
  expect(possible(order("REFUNDED")).refund).toBe(false);
});

test("the explanation of a price adds up, and leaves out what changed nothing", () => {
  const lines = [{ skuId: "tea", title: "明前龙井", optionsLabel: "50 克", quantity: 2 }];
  const rows = explain(
    [
      { text: "…", skuId: "tea", amount: money(11800) },
      { text: "…", skuId: "tea", amount: money(-3820) },
      { text: "…", skuId: null, amount: money(0) },
      { text: "…", skuId: null, amount: money(800) },
    ],
    lines,
  );
  expect(rows.map(({ sum }) => sum.amount)).toEqual([11800, 7980, 8780]);
  expect(rows.map(({ what }) => what)).toEqual(["明前龙井 50 克 × 2", "明前龙井 50 克 × 2", undefined]);
});

test("a parcel holds what is not shipped yet and can be carried", () => {
  const line = (id: string, quantity: number, shippedQuantity: number, isVirtual = false) => ({
    id,
    title: id,
    optionsLabel: "",
    quantity,
    shippedQuantity,
    isVirtual,
  });
  const left = toShip([line("tea", 3, 1), line("cup", 1, 1), line("course", 1, 0, true)]);
  expect(left.map(({ id, here }) => [id, here])).toEqual([["tea", 2]]);
});

test("an order that is picked up is made ready instead of shipped", () => {
  const pickup = { ...order("TO_SHIP"), deliveryMethod: "PICKUP" as const };
  expect(possible(pickup)).toMatchObject({ ship: false, ready: true });
  expect(possible({ ...pickup, status: "READY_FOR_PICKUP" })).toMatchObject({ handOver: true, refund: true });
});

test("pieces that are on their way back can not be given back again", () => {
  const back = (status: string, quantity: number) => ({ status, lines: [{ orderLineId: "tea", quantity }] });
  expect(piecesLeft({ id: "tea", quantity: 5 }, [back("SUCCEEDED", 1), back("PROCESSING", 2), back("FAILED", 2)])).toBe(
    2,
  );
  expect(piecesLeft({ id: "cup", quantity: 1 }, [back("SUCCEEDED", 1)])).toBe(1);
});
