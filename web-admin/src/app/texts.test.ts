import { expect, test } from "vitest";
import type { Tree } from "@/lib/i18n";
import { namespaces } from "./nav";

const flat = (tree: Tree, path = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[`${path}${key}`, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
const arguments_ = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort();

for (const [name, texts] of Object.entries(namespaces)) {
  test(`${name} says the same things in both languages`, () => {
    const zh = flat(texts["zh-CN"]);
    const en = new Map(flat(texts.en));
    expect([...en.keys()].sort()).toEqual(zh.map(([key]) => key).sort());
    for (const [key, text] of zh) {
      expect(text.trim(), key).not.toBe("");
      expect(arguments_(en.get(key) ?? ""), key).toEqual(arguments_(text));
      expect(text, `${key}: half-width punctuation in Chinese`).not.toMatch(
        /\p{Script=Han}[,;:?!]|[,;:?!]\p{Script=Han}/u,
      );
    }
  });
}
