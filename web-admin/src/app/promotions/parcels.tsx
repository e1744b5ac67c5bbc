// How each variant is carried: the room it takes, its freight template, its tax.
import { EditOutlined } from "@ant-design/icons";
import { App, Button, Form, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ParcelDataQuery, SkuParcelInput } from "@/gql/graphql";
import { FormDrawer } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { inLanguage, useLanguage } from "@/lib/i18n";
import { byText, ListPage, text } from "@/lib/list-page";
import { Picture } from "@/lib/parts";
import { useRead, useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { freightDocument } from "./freight-form";
import { PromotionNav } from "./places";

const parcelsDocument = graphql(`
  query ParcelData($search: String, $first: Int, $after: String) {
    products(first: $first, after: $after, filter: { search: $search }) {
      edges {
        node {
          id title { zhCn en } isVirtual cover { url }
          skus { id label { zhCn en } status weightGrams volumeCm3 freightTemplateId taxBps }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const saveDocument = graphql(`
  mutation SkuParcelSet($input: SkuParcelInput!) {
    skuParcelSet(input: $input) { product { id } userErrors { code field message } }
  }
`);

type Product = ParcelDataQuery["products"]["edges"][number]["node"];
type Sku = Product["skus"][number];

const usable = ({ skus }: Product) => skus.filter(({ status }) => status === "ACTIVE");

/** The templates by their ids. */
function useTemplates() {
  const { data } = useRead(freightDocument, { first: 100 }, { staleTime: 60_000 });
  return data?.freightTemplates.edges.map(({ node }) => node) ?? [];
}

export default function Parcels() {
  const { t } = useTranslation("promotions");
  const { language } = useLanguage();
  const { can } = useViewer();
  const templates = useTemplates();
  const [editing, setEditing] = useState<Product>();
  return (
    <>
      <ListPage
        title={t("carried.title")}
        above={
          <>
            <PromotionNav />
            <p className="quiet above-list">{t("carried.help")}</p>
          </>
        }
        query={parcelsDocument}
        variables={({ after, search }) => ({ first: 20, after, search })}
        connection={(answer) => answer.products}
        filters={[byText("search", t("scope.search"))]}
        columns={[
          text<Product>((row) => (
            <span className="open">
              <Picture url={row.cover?.url} />
              {inLanguage(row.title, language)}
            </span>
          ))(t("carried.product")),
          text<Product>((row) =>
            row.isVirtual ? (
              t("carried.virtual")
            ) : (
              <ul className="plain-list">
                {usable(row).map((sku) => (
                  <li key={sku.id}>
                    <Carried
                      sku={sku}
                      template={templates.find(({ id }) => id === sku.freightTemplateId)?.name ?? t("carried.usual")}
                    />
                  </li>
                ))}
              </ul>
            ),
          )(t("carried.how")),
          ...(can("CATALOG_WRITE")
            ? [
                text<Product>(
                  (row) =>
                    !row.isVirtual && (
                      <Button
                        size="small"
                        icon={<EditOutlined />}
                        aria-label={`${t("edit")}: ${inLanguage(row.title, language)}`}
                        onClick={() => setEditing(row)}
                      />
                    ),
                )(t("columns.actions")),
              ]
            : []),
        ]}
      />
      {editing && <ParcelForm product={editing} close={() => setEditing(undefined)} />}
    </>
  );
}

/** One variant in one line. */
function Carried({ sku, template }: { sku: Sku; template: string }) {
  const { t } = useTranslation("promotions");
  const { language } = useLanguage();
  const words = [
    t("carried.weight", { kilos: sku.weightGrams / 1000 }),
    sku.volumeCm3 > 0 && t("carried.volume", { litres: sku.volumeCm3 / 1000 }),
    template,
    sku.taxBps > 0 && t("carried.taxed", { percent: sku.taxBps / 100 }),
  ];
  const label = inLanguage(sku.label, language);
  return (
    <>
      {label && <span className="quiet">{label} </span>}
      {words.filter(Boolean).join(" · ")}
    </>
  );
}

type Entered = { volumeCm3?: number | null; freightTemplateId?: string | null; percent?: number | null };
export type ParcelsEntered = { skus: Record<string, Entered> };

/** The variants whose parcel is another now. */
export function parcelChanges(skus: Sku[], entered: ParcelsEntered): SkuParcelInput[] {
  const wanted = skus.map((sku) => {
    const { volumeCm3, freightTemplateId, percent } = entered.skus[sku.id] ?? {};
    const input = {
      skuId: sku.id,
      volumeCm3: volumeCm3 ?? 0,
      freightTemplateId: freightTemplateId ?? undefined,
      taxBps: Math.round((percent ?? 0) * 100),
    };
    const same =
      input.volumeCm3 === sku.volumeCm3 &&
      input.taxBps === sku.taxBps &&
      input.freightTemplateId === (sku.freightTemplateId ?? undefined);
    return same ? undefined : input;
  });
  return wanted.filter((input) => input !== undefined);
}

function ParcelForm({ product, close }: { product: Product; close: () => void }) {
  const { t } = useTranslation("promotions");
  const { t: tCommon } = useTranslation();
  const { language } = useLanguage();
  const { message } = App.useApp();
  const [form] = Form.useForm<ParcelsEntered>();
  const templates = useTemplates();
  const save = useWrite(saveDocument);
  const skus = usable(product);
  return (
    <FormDrawer<ParcelsEntered>
      title={inLanguage(product.title, language)}
      submit={tCommon("save")}
      form={form}
      initial={{
        skus: Object.fromEntries(
          skus.map(({ id, volumeCm3, freightTemplateId, taxBps }) => [
            id,
            { volumeCm3, freightTemplateId: freightTemplateId ?? null, percent: taxBps / 100 },
          ]),
        ),
      }}
      pending={save.isPending}
      refused={save.data?.skuParcelSet.userErrors ?? []}
      failed={save.error}
      close={close}
      onSubmit={async (entered) => {
        for (const input of parcelChanges(skus, entered)) {
          if ((await save.mutateAsync({ input })).skuParcelSet.userErrors.length > 0) return;
        }
        message.success(tCommon("saved"));
        close();
      }}
    >
      {skus.map((sku) => (
        <fieldset key={sku.id}>
          <legend>{inLanguage(sku.label, language) || inLanguage(product.title, language)}</legend>
          <p className="quiet">{t("carried.weight", { kilos: sku.weightGrams / 1000 })}</p>
          <Form.Item name={["skus", sku.id, "freightTemplateId"]} label={t("freight.title")}>
            <Select
              allowClear
              placeholder={t("carried.usual")}
              options={templates.map(({ id, name }) => ({ value: id, label: name }))}
            />
          </Form.Item>
          <div className="two">
            <Form.Item name={["skus", sku.id, "volumeCm3"]} label={t("carried.room")} extra={t("carried.roomHelp")}>
              <InputNumber min={0} max={100_000_000} precision={0} suffix="cm³" className="medium" />
            </Form.Item>
            <Form.Item name={["skus", sku.id, "percent"]} label={t("carried.tax")} extra={t("carried.taxHelp")}>
              <InputNumber min={0} max={100} precision={2} suffix="%" className="short" />
            </Form.Item>
          </div>
        </fieldset>
      ))}
    </FormDrawer>
  );
}
