import { expect, test } from "vitest";
import { base64Of, bytesOf } from "./save";

test("bytes survive the way there and back, however many", () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, n) => (n * 31) % 256);
  expect(bytesOf(base64Of(bytes))).toEqual(bytes);
  expect(base64Of(new Uint8Array())).toBe("");
});
