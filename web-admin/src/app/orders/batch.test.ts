import { expect, test } from "vitest";
import { fileProblem, MOST_BYTES } from "./batch";

test("a file is judged before it is sent", () => {
  expect(fileProblem({ name: "发货.XLSX", size: 1000 })).toBeUndefined();
  expect(fileProblem({ name: "orders.csv", size: MOST_BYTES })).toBeUndefined();
  expect(fileProblem({ name: "orders.xls", size: 1000 })).toBe("batch.wrongKind");
  expect(fileProblem({ name: "orders.csv", size: MOST_BYTES + 1 })).toBe("batch.tooLarge");
});
