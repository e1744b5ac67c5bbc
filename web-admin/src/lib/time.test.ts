import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { clockOf, countdown, useRemaining } from "./time";

afterEach(() => {
  vi.useRealTimers();
});

test("a countdown has days apart and never goes below zero", () => {
  expect(clockOf(countdown(3_661_000))).toBe("01:01:01");
  expect(countdown(90_000_000)).toMatchObject({ days: 1, hours: 1, over: false });
  expect(countdown(-5)).toMatchObject({ seconds: 0, over: true });
});

test("time is counted by the server's clock, second by second", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  // this machine is five seconds behind the server
  const deadline = new Date(1_000_000 + 8_000).toISOString();
  const { result } = renderHook(() => useRemaining(deadline, 5_000));
  expect(countdown(result.current).seconds).toBe(3);
  const passes = (millis: number) =>
    act(() => {
      vi.advanceTimersByTime(millis);
    });
  passes(1);
  passes(1_000);
  expect(countdown(result.current).seconds).toBe(2);
  for (let second = 0; second < 3; second++) passes(1_000);
  expect(countdown(result.current).over).toBe(true);
});
