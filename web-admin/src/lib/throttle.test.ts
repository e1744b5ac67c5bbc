import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { throttle } from "./throttle";

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

test("a storm of facts reads the list at once, then once per pause, and never misses the last", () => {
  const run = vi.fn();
  const reading = throttle(run, 2_000);
  for (let n = 0; n < 50; n++) reading.call();
  expect(run).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(2_000);
  expect(run).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(10_000);
  expect(run).toHaveBeenCalledTimes(2);
  reading.call();
  expect(run).toHaveBeenCalledTimes(3);
});
