import { expect, test } from "vitest";
import { draftOf, dropDraft, dropDrafts, keepDraft } from "./draft";

test("a draft is there until it is dropped, and other things stay", () => {
  sessionStorage.setItem("other", "stays");
  keepDraft("a", { title: "茶" });
  keepDraft("b", { title: "碗" });
  expect(draftOf("a")).toEqual({ title: "茶" });
  dropDraft("a");
  expect(draftOf("a")).toBeUndefined();
  dropDrafts();
  expect(draftOf("b")).toBeUndefined();
  expect(sessionStorage.getItem("other")).toBe("stays");
});

test("what cannot be read is no draft", () => {
  sessionStorage.setItem("liebian.admin.draft.bad", "{");
  expect(draftOf("bad")).toBeUndefined();
});
