import { expect, test } from "vitest";
import { changed, idsOf, moved, type Shot, shotsProblem, stored } from "./shots";
import { fitting, PictureRefused, refusal } from "./upload";

const shots = ["a", "b", "c"].map((id) => stored({ id, url: `/media/${id}` }));
const order = (of: Shot[]) => of.map(({ key }) => key).join("");

test("a picture moves, and none gets lost at the ends", () => {
  expect(order(moved(shots, 2, 0))).toBe("cab");
  expect(order(moved(shots, 0, 1))).toBe("bac");
  expect(order(moved(shots, 0, -1))).toBe("abc");
  expect(order(moved(shots, 2, 3))).toBe("abc");
});

test("only what arrived is sent, and what did not is said", () => {
  const under = { key: "d", name: "d.png", url: "blob:d", progress: 0.4 };
  expect(idsOf([...shots, under])).toEqual(["a", "b", "c"]);
  expect(idsOf(undefined)).toEqual([]);
  expect(shotsProblem(shots)).toBeUndefined();
  expect(shotsProblem([...shots, under])).toBe("pictures.waiting");
  expect(shotsProblem([under, { ...under, key: "e", problem: "too large" }])).toBe("pictures.broken");
});

test("news of a picture that was taken away bring it back not", () => {
  expect(changed(shots, "gone", { progress: 1 })).toEqual(shots);
  expect(changed(shots, "b", { problem: "no" })[1]?.problem).toBe("no");
});

test("a refused upload says why, a broken one where to look", () => {
  const body = JSON.stringify({ errors: [{ message: "太大了", extensions: { code: "X", requestId: "r1" } }] });
  expect(refusal(422, body)).toEqual(new PictureRefused("太大了"));
  expect(refusal(500, body)).toMatchObject({ name: "RequestFailed", code: "X", requestId: "r1" });
  expect(refusal(502, "<html>")).toMatchObject({ name: "RequestFailed", code: "HTTP_502" });
});

test("a large picture shrinks in proportion, a small one stays", () => {
  expect(fitting(6400, 3200)).toEqual([3200, 1600]);
  expect(fitting(800, 600)).toEqual([800, 600]);
  expect(fitting(100_000, 1)).toEqual([3200, 1]);
});
