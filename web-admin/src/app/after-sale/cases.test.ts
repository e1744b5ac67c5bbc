import { expect, test } from "vitest";
import { actionsOf, soon, viewFilter, waiting } from "./cases";

const of = (state: Parameters<typeof actionsOf>[0]["state"], ...what: string[]) =>
  actionsOf({ state, timeline: what.map((one) => ({ what: one })) });

test("what can be done follows from where the case stands", () => {
  expect(of("REQUESTED")).toEqual(["say", "reject", "approve"]);
  expect(of("INSPECTING")).toEqual(["say", "reject", "pass"]);
  expect(of("DONE")).toEqual([]);
  expect(of("CANCELLED")).toEqual([]);
});

test("a refund is asked for anew only after the provider refused it", () => {
  expect(of("REFUNDING", "REQUESTED", "ACCEPTED")).toEqual(["say"]);
  expect(of("REFUNDING", "ACCEPTED", "REFUND_FAILED")).toEqual(["say", "refundAgain"]);
  expect(of("REFUNDING", "REFUND_FAILED", "REFUND_AGAIN")).toEqual(["say"]);
});

test("the urgent view asks for what falls due within a day, the same for ten minutes", () => {
  const now = Date.UTC(2026, 10, 11, 8, 0, 1);
  expect(soon(now)).toBe("2026-11-12T08:10:00.000Z");
  expect(soon(now + 599_000)).toBe(soon(now));
  expect(viewFilter("urgent", undefined, now)).toEqual({ states: waiting, dueBefore: soon(now) });
  expect(viewFilter("waiting", undefined, now)).toEqual({ states: waiting, dueBefore: undefined });
  expect(viewFilter(undefined, "DONE", now)).toEqual({ states: ["DONE"], dueBefore: undefined });
  expect(viewFilter(undefined, undefined, now)).toEqual({ states: undefined, dueBefore: undefined });
});
