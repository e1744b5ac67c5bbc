// What holds for all prices: what points are worth, whether tax is added, donations, the usual freight.
import { App, Button, Card, Form, InputNumber, Segmented, Select, Skeleton, Switch } from "antd";
import { useTranslation } from "react-i18next";
import type { PricingSettingsInput, PricingSettingsQuery, PricingTaxMode } from "@/gql/graphql";
import { FormErrors } from "@/lib/act";
import { Failed } from "@/lib/errors";
import { AmountInput, useAmountRule } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { toMajor, toMinor } from "@/lib/money";
import { Page } from "@/lib/page";
import { useRead, useWrite } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { freightDocument } from "./freight-form";
import { PromotionNav } from "./places";

const settingsDocument = graphql(`
  query PricingSettings { pricingSettings { points { points amount mostBps } tax donations freightTemplateId } }
`);
const updateDocument = graphql(`
  mutation PricingSettingsUpdate($input: PricingSettingsInput!) {
    pricingSettingsUpdate(input: $input) { settings { tax } userErrors { code field message } }
  }
`);

type Settings = PricingSettingsQuery["pricingSettings"];
export type Entered = {
  takesPoints: boolean;
  points?: number | null;
  amount?: string | null;
  most?: number | null;
  tax: PricingTaxMode;
  donations: boolean;
  freightTemplateId?: string | null;
};

/** Points are worth minor units of the mall's own currency. */
const currency = "CNY";

export const toEntered = ({ points, ...rest }: Settings): Entered => ({
  takesPoints: points !== null && points !== undefined,
  points: points?.points ?? 100,
  amount: toMajor({ amount: points?.amount ?? 100, currency }),
  most: (points?.mostBps ?? 5000) / 100,
  ...rest,
});

export function toInput(entered: Entered): PricingSettingsInput {
  return {
    points: entered.takesPoints
      ? {
          points: entered.points ?? 0,
          amount: toMinor(String(entered.amount ?? ""), currency) ?? 0,
          mostBps: Math.round((entered.most ?? 0) * 100),
        }
      : undefined,
    tax: entered.tax,
    donations: entered.donations,
    freightTemplateId: entered.freightTemplateId ?? undefined,
  };
}

export default function SettingsPage() {
  const { t } = useTranslation("promotions");
  const { data, error, refetch } = useRead(settingsDocument, {});
  return (
    <Page title={t("settings.title")}>
      <PromotionNav />
      {error && <Failed error={error} retry={refetch} />}
      {!data && !error && <Skeleton active paragraph={{ rows: 8 }} />}
      {data && <SettingsForm settings={data.pricingSettings} />}
    </Page>
  );
}

function SettingsForm({ settings }: { settings: Settings }) {
  const { t } = useTranslation("promotions");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const { can } = useViewer();
  const [form] = Form.useForm<Entered>();
  const update = useWrite(updateDocument);
  const amountRule = useAmountRule();
  const freight = useRead(freightDocument, { first: 100 });
  const takesPoints = Form.useWatch("takesPoints", form) ?? false;
  const mayWrite = can("PROMOTION_WRITE");
  const required = { required: true, message: tCommon("form.required") };
  return (
    <Card className="terms">
      <FormErrors refused={update.data?.pricingSettingsUpdate.userErrors ?? []} failed={update.error} />
      <Form<Entered>
        form={form}
        layout="vertical"
        disabled={!mayWrite}
        initialValues={toEntered(settings)}
        onFinish={async (entered) => {
          const answer = await update.mutateAsync({ input: toInput(entered) }).catch(() => undefined);
          if (answer?.pricingSettingsUpdate.settings) message.success(tCommon("saved"));
        }}
      >
        <fieldset>
          <legend>{t("settings.points")}</legend>
          <Form.Item
            name="takesPoints"
            label={t("settings.takesPoints")}
            extra={t("settings.takesPointsHelp")}
            valuePropName="checked"
          >
            <Switch />
          </Form.Item>
          {takesPoints && (
            <div className="two">
              <Form.Item name="points" label={t("settings.howMany")} rules={[required]}>
                <InputNumber min={1} max={1_000_000} precision={0} className="short" />
              </Form.Item>
              <Form.Item name="amount" label={t("settings.worth")} rules={[required, amountRule(currency)]}>
                <AmountInput currency={currency} />
              </Form.Item>
              <Form.Item name="most" label={t("settings.most")} extra={t("settings.mostHelp")} rules={[required]}>
                <InputNumber min={0.01} max={100} precision={2} suffix="%" className="short" />
              </Form.Item>
            </div>
          )}
        </fieldset>
        <Form.Item name="freightTemplateId" label={t("settings.freight")} extra={t("settings.freightHelp")}>
          <Select
            allowClear
            loading={freight.isFetching}
            options={(freight.data?.freightTemplates.edges ?? []).map(({ node }) => ({
              value: node.id,
              label: node.name,
            }))}
          />
        </Form.Item>
        <Form.Item name="tax" label={t("settings.tax")} extra={t("settings.taxHelp")}>
          <Segmented
            options={(["INCLUDED", "ADDED"] as const).map((value) => ({ value, label: t(`settings.taxes.${value}`) }))}
          />
        </Form.Item>
        <Form.Item
          name="donations"
          label={t("settings.donations")}
          extra={t("settings.donationsHelp")}
          valuePropName="checked"
        >
          <Switch />
        </Form.Item>
        {mayWrite && (
          <Button type="primary" htmlType="submit" loading={update.isPending}>
            {tCommon("save")}
          </Button>
        )}
      </Form>
    </Card>
  );
}
