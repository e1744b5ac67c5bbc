import { expect, test } from "vitest";
import { freshKey, keyring } from "./key";

test("a key is as the server wants it, and never the same", () => {
  expect(freshKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(freshKey()).not.toBe(freshKey());
});

test("the same input keeps its key until it had its effect; another input gets another", () => {
  const ring = keyring();
  const first = ring.of({ amount: 1 });
  expect(ring.of({ amount: 1 })).toBe(first);
  expect(ring.of({ amount: 2 })).not.toBe(first);
  const again = ring.of({ amount: 2 });
  ring.used();
  expect(ring.of({ amount: 2 })).not.toBe(again);
});

test("a key outlives its ring", () => {
  const before = keyring();
  const key = before.of({ amount: 1 });
  const after = keyring(before.sent());
  expect(after.of({ amount: 1 })).toBe(key);
  expect(after.of({ amount: 2 })).not.toBe(key);
});
