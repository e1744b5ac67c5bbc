// An article as it is entered: its texts, what a buyer chooses between, and a row for every variant that follows from it.
import type {
  Currency,
  LocalizedTextInput,
  MarketPriceBase,
  ProductCreateInput,
  ProductQuery,
  ProductSkuInput,
  ProductUpdateInput,
} from "@/gql/graphql";
import type { Refusal } from "@/lib/act";
import { graphql } from "@/lib/graphql";
import { inLanguage, type Language } from "@/lib/i18n";
import { toMajor, toMinor } from "@/lib/money";
import { idsOf, type Shot, stored } from "@/lib/shots";

export const productDocument = graphql(`
  query Product($id: ID!) {
    product(id: $id) {
      id status isVirtual externalReference soldCount createdAt updatedAt publishedAt
      title { zhCn en }
      subtitle { zhCn en }
      description { zhCn en }
      attributes { name { zhCn en } value { zhCn en } }
      options { name { zhCn en } values { zhCn en } }
      categories { id name { zhCn en } }
      media { id url }
      priceRange { min { amount currency } max { amount currency } }
      skus {
        id status code choices weightGrams marketPriceBase
        label { zhCn en }
        price { amount currency }
        marketPrice { amount currency }
        image { id url }
        stock { available onHand reserved sold }
      }
      offers {
        skuId endsAt compareBase
        price { amount currency }
        compareAt { amount currency }
        appliedActivity { kind id title }
        play { kind id title }
      }
    }
  }
`);

export type Product = NonNullable<ProductQuery["product"]>;
export type Sku = Product["skus"][number];

type Texts = { zhCn?: string | null; en?: string | null };
/** A value keeps its key while its name and its place change; the rows of the table hang on it. */
export type Value = Texts & { key: string };
export type Axis = { name?: Texts; values?: Value[] };
export type Row = {
  /** The variant it is already. */
  id?: string;
  /** This combination is not offered. */
  out?: boolean;
  code?: string;
  price?: string | null;
  market?: string | null;
  base?: MarketPriceBase | null;
  weight?: number | null;
  stock?: number | null;
  image?: Shot[];
};
export type Fact = { name?: Texts; value?: Texts };
export type Entered = {
  title: Texts;
  subtitle?: Texts;
  description?: Texts;
  pictures?: Shot[];
  categoryIds?: string[];
  isVirtual?: boolean;
  externalReference?: string;
  currency: Currency;
  facts?: Fact[];
  options?: Axis[];
  rows?: Record<string, Row>;
};

export const MOST_OPTIONS = 3;
export const MOST_VALUES = 50;
export const MOST_SKUS = 200;
export const MOST_PICTURES = 20;

/** The key of the row of an article without anything to choose. */
export const ONLY = "only";

export const fresh: Entered = { title: {}, currency: "CNY", options: [], pictures: [], facts: [] };

/** A key no value has yet. */
export const nextKey = (options: readonly Axis[]) =>
  String(1 + Math.max(-1, ...options.flatMap(({ values }) => (values ?? []).map(({ key }) => Number(key)))));

const named = (text: Texts | undefined) => Boolean(text?.zhCn?.trim());

export type Combination = { key: string; choices: number[]; label: string };

/** Every combination of the values that have a name, in the order of the options. */
export function combinations(options: readonly Axis[] | undefined, language: Language): Combination[] {
  const axes = (options ?? []).map(({ values }) =>
    (values ?? []).filter(named).map((value, place) => ({ key: value.key, place, label: inLanguage(value, language) })),
  );
  const chosen = axes.filter((axis) => axis.length > 0);
  if (chosen.length === 0) return [{ key: ONLY, choices: [], label: "" }];
  return chosen
    .reduce<(typeof axes)[number][]>(
      (all, axis) => all.flatMap((begun) => axis.map((value) => [...begun, value])),
      [[]],
    )
    .map((values) => ({
      key: values.map(({ key }) => key).join("-"),
      choices: values.map(({ place }) => place),
      label: values.map(({ label }) => label).join(" / "),
    }));
}

const offered = ({ options, rows }: Entered) =>
  combinations(options, "zh-CN").flatMap((combination) => {
    const row = rows?.[combination.key] ?? {};
    return row.out ? [] : [{ ...combination, row }];
  });

/** What is wrong with the variants as a whole, as the key of a sentence; single cells are judged where they stand. */
export function variantsProblem(entered: Entered): string | undefined {
  const rows = offered(entered);
  if (rows.length === 0) return "form.noVariant";
  return rows.length > MOST_SKUS ? "form.tooManyVariants" : undefined;
}

/** Whether another row has the same code. */
export const codeTwice = (entered: Entered, key: string, code: string) =>
  offered(entered).some((other) => other.key !== key && other.row.code?.trim() === code.trim());

const text = (texts: Texts | undefined): LocalizedTextInput => ({
  zhCn: texts?.zhCn?.trim() || undefined,
  en: texts?.en?.trim() || undefined,
});

function skusOf(entered: Entered, known: readonly Sku[]): ProductSkuInput[] {
  const { currency } = entered;
  return offered(entered).map(({ choices, row }) => {
    const code = row.code?.trim() ?? "";
    const market = toMinor(row.market ?? "", currency);
    // Stock is set once, when a variant is new; a code of a retired variant brings that one back, with what lies there.
    const isNew = !row.id && !known.some((sku) => sku.code === code);
    return {
      id: row.id,
      code,
      choices,
      price: { amount: toMinor(row.price ?? "", currency) ?? 0, currency },
      marketPrice: market !== undefined && row.base ? { amount: market, base: row.base } : undefined,
      weightGrams: row.weight ?? 0,
      imageId: idsOf(row.image)[0],
      stock: isNew ? (row.stock ?? 0) : undefined,
    };
  });
}

function common(entered: Entered, known: readonly Sku[]) {
  return {
    title: text(entered.title),
    subtitle: text(entered.subtitle),
    description: text(entered.description),
    attributes: (entered.facts ?? []).map(({ name, value }) => ({ name: text(name), value: text(value) })),
    options: (entered.options ?? [])
      .map(({ name, values }) => ({ name: text(name), values: (values ?? []).filter(named).map(text) }))
      .filter(({ values }) => values.length > 0),
    skus: skusOf(entered, known),
    categoryIds: entered.categoryIds ?? [],
    mediaIds: idsOf(entered.pictures),
    isVirtual: entered.isVirtual ?? false,
  };
}

/** What was entered, as the server wants a new article. */
export const toCreate = (entered: Entered): Omit<ProductCreateInput, "idempotencyKey"> => ({
  ...common(entered, []),
  externalReference: entered.externalReference?.trim() || undefined,
});

/** What was entered, as the server wants a changed article: refused when somebody else changed it since it was read. */
export const toUpdate = (entered: Entered, product: Product): ProductUpdateInput => ({
  id: product.id,
  readAt: product.updatedAt,
  ...common(entered, product.skus),
  externalReference: entered.externalReference?.trim() || null,
});

/** The article as it stands, as it would be entered. */
export function toEntered(product: Product): Entered {
  let last = 0;
  const options = product.options.map(({ name, values }) => ({
    name,
    values: values.map((value) => ({ ...value, key: String(last++) })),
  }));
  const active = product.skus.filter(({ status }) => status === "ACTIVE");
  const keyOf = ({ choices }: Sku) => choices.map((place, axis) => options[axis]?.values[place]?.key).join("-") || ONLY;
  const rows: Record<string, Row> = Object.fromEntries(
    active.map((sku) => [
      keyOf(sku),
      {
        id: sku.id,
        code: sku.code,
        price: toMajor(sku.price),
        market: sku.marketPrice ? toMajor(sku.marketPrice) : null,
        base: sku.marketPriceBase,
        weight: sku.weightGrams,
        image: sku.image ? [stored(sku.image)] : [],
      },
    ]),
  );
  for (const { key } of combinations(options, "zh-CN")) rows[key] ??= { out: true };
  return {
    title: product.title,
    subtitle: product.subtitle,
    description: product.description,
    pictures: product.media.map((media) => stored(media)),
    categoryIds: product.categories.map(({ id }) => id),
    isVirtual: product.isVirtual,
    externalReference: product.externalReference ?? "",
    currency: product.priceRange.min.currency,
    facts: product.attributes.map(({ name, value }) => ({ name, value })),
    options,
    rows,
  };
}

/** Rows that have just come to be start with what a row of the same values costs and weighs. */
export function seeded(rows: Record<string, Row>, keys: readonly string[]): Record<string, Row> {
  const parts = (key: string) => (key === ONLY ? [] : key.split("-"));
  const within = (some: string[], all: string[]) => some.every((part) => all.includes(part));
  const news = keys
    .filter((key) => !rows[key])
    .map((key) => {
      const kin = Object.entries(rows).find(
        ([other, row]) => !row.out && (within(parts(other), parts(key)) || within(parts(key), parts(other))),
      );
      const { price, market, base, weight } = kin?.[1] ?? {};
      return [key, { price, market, base, weight }] as const;
    });
  return news.length > 0 ? { ...rows, ...Object.fromEntries(news) } : rows;
}

/** What is to be in every row; what is not given stays as it is there. */
export type Filling = Pick<Row, "price" | "market" | "base" | "weight" | "stock"> & { prefix?: string };

/** Every offered row with the same answers; codes count on from a prefix where there is none yet. */
export function filled(entered: Entered, { prefix, ...same }: Filling): Record<string, Row> {
  const given = Object.fromEntries(
    Object.entries(same).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  );
  const rows = offered(entered);
  const used = new Set(rows.map(({ row }) => row.code?.trim()));
  let nth = 0;
  const code = () => {
    let next: string;
    do next = `${prefix?.trim()}-${String(++nth).padStart(2, "0")}`;
    while (used.has(next));
    return next;
  };
  const next = rows.map(({ key, row }) => [
    key,
    { ...row, ...given, ...(prefix?.trim() && !row.code?.trim() ? { code: code() } : {}) },
  ]);
  return { ...entered.rows, ...Object.fromEntries(next) };
}

type Place = (string | number)[];
const simple: Record<string, Place> = {
  title: ["title", "zhCn"],
  subtitle: ["subtitle", "zhCn"],
  description: ["description", "zhCn"],
  mediaIds: ["pictures"],
  categoryIds: ["categoryIds"],
  externalReference: ["externalReference"],
  options: ["options", 0, "name", "zhCn"],
  attributes: ["facts", 0, "name", "zhCn"],
};
const cells: Record<string, keyof Row> = {
  code: "code",
  price: "price",
  marketPrice: "market",
  weightGrams: "weight",
  stock: "stock",
};

/** The rows a refused cell may stand in: the server names the column, and not every row can be meant. */
function blamed(entered: Entered, cell: keyof Row, code: string, known: readonly Sku[]) {
  const rows = offered(entered);
  const own = new Set(known.map((sku) => sku.code));
  const likely = rows.filter(({ row }) => {
    if (cell === "code") return !own.has(row.code?.trim() ?? "");
    if (cell === "market") return code === "PRODUCT_FIRST_PRICE_NOT_ASKED" ? row.base === "FIRST_PRICE" : row.market;
    return true;
  });
  return likely.length > 0 ? likely : rows;
}

/** Puts each refusal where it can be mended; the rest belongs above the form. */
export function placed(refused: readonly Refusal[], entered: Entered, known: readonly Sku[]) {
  const fields: { name: Place; errors: string[] }[] = [];
  const rest: Refusal[] = [];
  for (const refusal of refused) {
    const [head = "", tail = ""] = (refusal.field ?? "").split(".");
    const cell = head === "skus" ? cells[tail] : undefined;
    const place = simple[head];
    if (cell) {
      for (const { key } of blamed(entered, cell, refusal.code, known))
        fields.push({ name: ["rows", key, cell], errors: [refusal.message] });
    } else if (place && (head !== "options" || entered.options?.length)) {
      fields.push({ name: place, errors: [refusal.message] });
    } else rest.push(refusal);
  }
  return { fields, rest };
}
