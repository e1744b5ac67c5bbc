// A freight template: what it costs everywhere, and what it costs elsewhere by region.
import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Alert, App, Button, Form, Input, InputNumber, Segmented, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import type { Currency, FreightChargedBy, FreightTemplateInput, FreightTemplatesQuery } from "@/gql/graphql";
import { AmountInput, FormDrawer, useAmountRule, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { toMajor, toMinor } from "@/lib/money";
import { useWrite } from "@/lib/query";
import { isRegionCode, provinces } from "./regions";

export const freightDocument = graphql(`
  query FreightTemplates($first: Int, $after: String) {
    freightTemplates(first: $first, after: $after) {
      edges {
        node {
          id name currency chargedBy updatedAt
          rules {
            regions refused first next freeFromPieces
            firstFee { amount currency } nextFee { amount currency } freeFrom { amount currency }
          }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const createDocument = graphql(`
  mutation FreightTemplateCreate($input: FreightTemplateInput!) {
    freightTemplateCreate(input: $input) { freightTemplate { id } userErrors { code field message } }
  }
`);
const updateDocument = graphql(`
  mutation FreightTemplateUpdate($id: ID!, $input: FreightTemplateInput!) {
    freightTemplateUpdate(id: $id, input: $input) { freightTemplate { id } userErrors { code field message } }
  }
`);

export type Freight = FreightTemplatesQuery["freightTemplates"]["edges"][number]["node"];

type Rule = {
  regions?: string[];
  refused?: boolean;
  first?: number | null;
  firstFee?: string | null;
  next?: number | null;
  nextFee?: string | null;
  freeFrom?: string | null;
  freeFromPieces?: number | null;
};
export type Entered = { name: string; chargedBy: FreightChargedBy; everywhere: Rule; regions?: Rule[] };

/** Weight is typed in kilograms and kept in grams; the others as they are counted. */
const scale = (by: FreightChargedBy) => (by === "WEIGHT" ? 1000 : 1);

/** What was entered, as the server wants it: the rule for everywhere else is the one that names no region. */
export function toInput(entered: Entered, currency: Currency): FreightTemplateInput {
  const minor = (typed: string | null | undefined) => toMinor(String(typed ?? ""), currency);
  const count = (typed: number | null | undefined) => Math.round((typed ?? 0) * scale(entered.chargedBy));
  const rule = (of: Rule, regions: string[]) =>
    of.refused
      ? { regions, refused: true, first: 0, firstFee: 0, next: 0, nextFee: 0 }
      : {
          regions,
          refused: false,
          first: count(of.first),
          firstFee: minor(of.firstFee) ?? 0,
          next: count(of.next),
          nextFee: minor(of.nextFee) ?? 0,
          freeFrom: minor(of.freeFrom) || undefined,
          freeFromPieces: of.freeFromPieces ?? undefined,
        };
  return {
    name: entered.name.trim(),
    currency,
    chargedBy: entered.chargedBy,
    rules: [rule(entered.everywhere, []), ...(entered.regions ?? []).map((of) => rule(of, of.regions ?? []))],
  };
}

/** The template as it stands, as it would be entered. */
export function toEntered(freight: Freight): Entered {
  const rule = (of: Freight["rules"][number]): Rule => ({
    regions: of.regions,
    refused: of.refused,
    first: of.first / scale(freight.chargedBy),
    firstFee: toMajor(of.firstFee),
    next: of.next / scale(freight.chargedBy),
    nextFee: toMajor(of.nextFee),
    freeFrom: of.freeFrom && toMajor(of.freeFrom),
    freeFromPieces: of.freeFromPieces,
  });
  const everywhere = freight.rules.find(({ regions }) => regions.length === 0);
  return {
    name: freight.name,
    chargedBy: freight.chargedBy,
    everywhere: everywhere ? rule(everywhere) : {},
    regions: freight.rules.filter(({ regions }) => regions.length > 0).map(rule),
  };
}

/** A region that two rules name: which of them would count? */
export function namedTwice(rules: Rule[]): string | undefined {
  const seen = new Set<string>();
  for (const code of rules.flatMap(({ regions }) => regions ?? [])) {
    if (seen.has(code)) return code;
    seen.add(code);
  }
  return undefined;
}

const fresh: Partial<Entered> = {
  chargedBy: "PIECE",
  everywhere: { first: 1, next: 1 },
  regions: [],
};

export default function FreightForm({ freight, close }: { freight?: Freight; close: () => void }) {
  const { t } = useTranslation("promotions");
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const create = useWrite(createDocument);
  const update = useWrite(updateDocument);
  const text = useRequired();
  const currency: Currency = freight?.currency ?? "CNY";
  const by = Form.useWatch("chargedBy", form) ?? "PIECE";
  return (
    <FormDrawer
      title={t(freight ? "freight.edit" : "freight.create")}
      submit={t("saveChanges")}
      size="large"
      form={form}
      initial={freight ? toEntered(freight) : fresh}
      pending={create.isPending || update.isPending}
      refused={create.data?.freightTemplateCreate.userErrors ?? update.data?.freightTemplateUpdate.userErrors ?? []}
      failed={create.error ?? update.error}
      close={close}
      note={freight && <Alert type="info" showIcon className="edit-note" title={t("freight.note")} />}
      onSubmit={async (entered) => {
        const input = toInput(entered, currency);
        const { freightTemplate } = freight
          ? (await update.mutateAsync({ id: freight.id, input })).freightTemplateUpdate
          : (await create.mutateAsync({ input })).freightTemplateCreate;
        if (!freightTemplate) return;
        message.success(t("freight.saved"));
        close();
      }}
    >
      <Form.Item name="name" label={t("freight.name")} extra={t("freight.nameHelp")} rules={[text]}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="chargedBy" label={t("freight.chargedBy")} extra={t(`freight.byHelp.${by}`)}>
        <Segmented
          options={(["PIECE", "WEIGHT", "VOLUME"] as const).map((value) => ({
            value,
            label: t(`freight.by.${value}`),
          }))}
        />
      </Form.Item>
      <fieldset>
        <legend>{t("freight.everywhere")}</legend>
        <RuleFields path={["everywhere"]} by={by} currency={currency} />
      </fieldset>
      <Form.List name="regions">
        {(fields, { add, remove }) => (
          <>
            {fields.map(({ key, name }) => (
              <fieldset key={key}>
                <legend>{t("freight.region", { n: name + 1 })}</legend>
                <Button
                  className="rung-remove"
                  type="text"
                  icon={<MinusCircleOutlined />}
                  aria-label={t("freight.removeRegion", { n: name + 1 })}
                  onClick={() => remove(name)}
                />
                <RegionField list={name} />
                <RuleFields path={["regions", name]} under={name} by={by} currency={currency} />
              </fieldset>
            ))}
            <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})}>
              {t("freight.addRegion")}
            </Button>
          </>
        )}
      </Form.List>
    </FormDrawer>
  );
}

function RegionField({ list }: { list: number }) {
  const { t, i18n } = useTranslation("promotions");
  const { t: tCommon } = useTranslation();
  const form = Form.useFormInstance();
  return (
    <Form.Item
      name={[list, "regions"]}
      label={t("freight.regions")}
      extra={t("freight.regionsHelp")}
      rules={[
        { required: true, message: tCommon("form.required") },
        {
          validator: async (_, codes?: string[]) => {
            const wrong = codes?.find((code) => !isRegionCode(code));
            if (wrong) throw new Error(t("freight.regionWrong", { code: wrong }));
            const twice = namedTwice(form.getFieldValue("regions") ?? []);
            if (twice && codes?.includes(twice)) throw new Error(t("freight.regionTwice", { code: twice }));
          },
        },
      ]}
    >
      <Select
        mode="tags"
        showSearch={{ optionFilterProp: "label" }}
        options={provinces.map(([value, zh, en]) => ({ value, label: i18n.language === "en" ? en : zh }))}
      />
    </Form.Item>
  );
}

function RuleFields({
  path,
  under,
  by,
  currency,
}: {
  /** Where the rule stands in the form. */
  path: (string | number)[];
  /** Its place in the list it stands in. */
  under?: number;
  by: FreightChargedBy;
  currency: Currency;
}) {
  const { t } = useTranslation("promotions");
  const { t: tCommon } = useTranslation();
  const form = Form.useFormInstance();
  const amountRule = useAmountRule();
  const refused = Form.useWatch([...path, "refused"], form) ?? false;
  const at = (name: string) => (under === undefined ? [...path, name] : [under, name]);
  const required = { required: true, message: tCommon("form.required") };
  const count = (
    <InputNumber
      min={by === "WEIGHT" ? 0.001 : 1}
      max={1_000_000}
      precision={by === "WEIGHT" ? 3 : 0}
      suffix={t(`freight.unit.${by}`)}
      className="short"
    />
  );
  return (
    <>
      <Form.Item
        name={at("refused")}
        label={t("freight.refused")}
        extra={t("freight.refusedHelp")}
        valuePropName="checked"
      >
        <Switch />
      </Form.Item>
      {!refused && (
        <div className="two">
          <Form.Item name={at("first")} label={t(`freight.first.${by}`)} rules={[required]}>
            {count}
          </Form.Item>
          <Form.Item
            name={at("firstFee")}
            label={t("freight.firstFee")}
            rules={[required, amountRule(currency, undefined, 0)]}
          >
            <AmountInput currency={currency} />
          </Form.Item>
          <Form.Item name={at("next")} label={t(`freight.next.${by}`)} rules={[required]}>
            {count}
          </Form.Item>
          <Form.Item
            name={at("nextFee")}
            label={t("freight.nextFee")}
            rules={[required, amountRule(currency, undefined, 0)]}
          >
            <AmountInput currency={currency} />
          </Form.Item>
          <Form.Item
            name={at("freeFrom")}
            label={t("freight.freeFrom")}
            extra={t("freight.freeFromHelp")}
            rules={[amountRule(currency)]}
          >
            <AmountInput currency={currency} />
          </Form.Item>
          <Form.Item name={at("freeFromPieces")} label={t("freight.freeFromPieces")} extra={t("freight.freeFromHelp")}>
            <InputNumber min={1} max={10_000} precision={0} suffix={t("piecesUnit")} className="short" />
          </Form.Item>
        </div>
      )}
    </>
  );
}
