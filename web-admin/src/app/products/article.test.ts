import { expect, test } from "vitest";
import {
  codeTwice,
  combinations,
  type Entered,
  filled,
  nextKey,
  ONLY,
  type Product,
  placed,
  seeded,
  toCreate,
  toEntered,
  toUpdate,
  variantsProblem,
} from "./article";

const options = [
  {
    name: { zhCn: "颜色", en: "Colour" },
    values: [
      { key: "0", zhCn: "红", en: "Red" },
      { key: "1", zhCn: "蓝", en: "Blue" },
    ],
  },
  {
    name: { zhCn: "尺码" },
    values: [
      { key: "2", zhCn: "大" },
      { key: "3", zhCn: " " },
    ],
  },
];
const entered: Entered = {
  title: { zhCn: " 围巾 ", en: "" },
  currency: "CNY",
  pictures: [
    { key: "p1", id: "p1", url: "/p1", name: "" },
    { key: "p2", url: "blob:", name: "", progress: 0.5 },
  ],
  options,
  rows: {
    "0-2": { code: " S-1 ", price: "59.9", market: "99", base: "RECOMMENDED_RETAIL", weight: 120, stock: 7 },
    "1-2": { code: "S-2", price: "60", market: "80", base: null },
  },
};

test("colours × sizes make the rows; a value without a name makes none", () => {
  expect(combinations(options, "en").map(({ key, choices, label }) => [key, choices, label])).toEqual([
    ["0-2", [0, 0], "Red / 大"],
    ["1-2", [1, 0], "Blue / 大"],
  ]);
  expect(combinations([], "en")).toEqual([{ key: ONLY, choices: [], label: "" }]);
  expect(nextKey(options)).toBe("4");
  expect(nextKey([])).toBe("0");
});

test("what a shopkeeper enters becomes minor units, places and pictures that arrived", () => {
  expect(toCreate(entered)).toEqual({
    title: { zhCn: "围巾", en: undefined },
    subtitle: {},
    description: {},
    attributes: [],
    options: [
      {
        name: { zhCn: "颜色", en: "Colour" },
        values: [
          { zhCn: "红", en: "Red" },
          { zhCn: "蓝", en: "Blue" },
        ],
      },
      { name: { zhCn: "尺码" }, values: [{ zhCn: "大" }] },
    ],
    skus: [
      {
        id: undefined,
        code: "S-1",
        choices: [0, 0],
        price: { amount: 5990, currency: "CNY" },
        marketPrice: { amount: 9900, base: "RECOMMENDED_RETAIL" },
        weightGrams: 120,
        imageId: undefined,
        stock: 7,
      },
      {
        id: undefined,
        code: "S-2",
        choices: [1, 0],
        price: { amount: 6000, currency: "CNY" },
        marketPrice: undefined,
        weightGrams: 0,
        imageId: undefined,
        stock: 0,
      },
    ],
    categoryIds: [],
    mediaIds: ["p1"],
    isVirtual: false,
    externalReference: undefined,
  });
});

test("a row that is not offered is not sent, and none at all is a problem", () => {
  const rows = { ...entered.rows, "0-2": { ...entered.rows?.["0-2"], out: true } };
  expect(toCreate({ ...entered, rows }).skus.map(({ code }) => code)).toEqual(["S-2"]);
  expect(variantsProblem(entered)).toBeUndefined();
  expect(variantsProblem({ ...entered, rows: { "0-2": { out: true }, "1-2": { out: true } } })).toBe("form.noVariant");
});

test("a code is taken by another row, not by its own", () => {
  expect(codeTwice(entered, "1-2", "S-1")).toBe(true);
  expect(codeTwice(entered, "1-2", "S-2")).toBe(false);
});

test("new rows start with what their kin costs, and never with its code, its stock or its past", () => {
  const rows = { [ONLY]: { id: "a", code: "A", price: "5", weight: 3, stock: 9 } };
  expect(seeded(rows, ["0", "1"])).toEqual({
    ...rows,
    0: { price: "5", weight: 3, market: undefined, base: undefined },
    1: { price: "5", weight: 3, market: undefined, base: undefined },
  });
  expect(seeded(rows, [ONLY])).toBe(rows);
});

test("filling every row keeps the codes that are there and counts on", () => {
  const rows = { "0-2": { code: "S-01" }, "1-2": {} };
  expect(filled({ ...entered, rows }, { prefix: "S", price: "8", stock: null })).toEqual({
    "0-2": { code: "S-01", price: "8" },
    "1-2": { code: "S-02", price: "8" },
  });
});

const text = (zhCn: string) => ({ zhCn, en: null });
const money = (amount: number) => ({ amount, currency: "CNY" as const });
const product = {
  id: "p",
  updatedAt: "2026-11-23T00:00:00Z",
  externalReference: null,
  isVirtual: false,
  title: text("围巾"),
  subtitle: {},
  description: {},
  attributes: [{ name: text("产地"), value: text("内蒙古") }],
  options: [{ name: text("颜色"), values: [text("红"), text("蓝")] }],
  categories: [{ id: "c", name: text("服饰") }],
  media: [{ id: "m", url: "/m" }],
  priceRange: { min: money(5900), max: money(5900) },
  skus: [
    {
      id: "s1",
      status: "ACTIVE",
      code: "R",
      choices: [0],
      price: money(5900),
      marketPrice: money(9900),
      marketPriceBase: "FIRST_PRICE",
      weightGrams: 120,
      image: { id: "m", url: "/m" },
    },
    { id: "s0", status: "RETIRED", code: "OLD", choices: [9], price: money(1), weightGrams: 0 },
  ],
} as unknown as Product;

test("an article that is opened and saved untouched stays as it is", () => {
  const { readAt, id, skus, ...rest } = toUpdate(toEntered(product), product);
  expect([id, readAt]).toEqual(["p", product.updatedAt]);
  expect(skus).toEqual([
    {
      id: "s1",
      code: "R",
      choices: [0],
      price: money(5900),
      marketPrice: { amount: 9900, base: "FIRST_PRICE" },
      weightGrams: 120,
      imageId: "m",
      stock: undefined,
    },
  ]);
  expect(rest).toMatchObject({
    title: { zhCn: "围巾" },
    attributes: [{ name: { zhCn: "产地" }, value: { zhCn: "内蒙古" } }],
    options: [{ name: { zhCn: "颜色" }, values: [{ zhCn: "红" }, { zhCn: "蓝" }] }],
    categoryIds: ["c"],
    mediaIds: ["m"],
    externalReference: null,
  });
});

test("the code of a retired variant brings it back, without a first stock", () => {
  const opened = toEntered(product);
  const rows = { ...opened.rows, 1: { code: "OLD", price: "1", stock: 5 } };
  expect(toUpdate({ ...opened, rows }, product).skus?.[1]).toMatchObject({ id: undefined, stock: undefined });
});

test("a refusal stands where it can be mended, the rest above the form", () => {
  const refused = (code: string, field: string) => ({ code, field, message: code });
  const errors = [
    refused("PRODUCT_TITLE_REQUIRED", "title"),
    refused("PRODUCT_SKU_CODE_TAKEN", "skus.code"),
    refused("PRODUCT_FIRST_PRICE_NOT_ASKED", "skus.marketPrice"),
    refused("PRODUCT_CHANGED_MEANWHILE", "readAt"),
  ];
  const opened = toEntered(product);
  const rows = { ...opened.rows, 1: { code: "NEW", price: "1" } };
  const { fields, rest } = placed(errors, { ...opened, rows }, product.skus);
  expect(fields.map(({ name }) => name)).toEqual([
    ["title", "zhCn"],
    ["rows", "1", "code"],
    ["rows", "0", "market"],
  ]);
  expect(rest.map(({ code }) => code)).toEqual(["PRODUCT_CHANGED_MEANWHILE"]);
});
