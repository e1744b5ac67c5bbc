import { Alert, App, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { CarrierInput, tidyTracking, useTrackingRule } from "@/lib/carrier";
import { FormDrawer, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useRead, useWrite } from "@/lib/query";
import { type Case, orderOfCaseDocument } from "./case";

const reshipDocument = graphql(`
  mutation AfterSaleReship($input: AfterSaleParcelInput!) {
    afterSaleReship(input: $input) { case { id state } userErrors { code field message } }
  }
`);

/** Sends the replacement. */
export default function ReshipForm({ case: of, close }: { case: Case; close: () => void }) {
  const { t } = useTranslation("afterSale");
  const { t: tCommon } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ carrier: string; trackingNo: string }>();
  const reship = useWrite(reshipDocument);
  const required = useRequired();
  const trackingRule = useTrackingRule();
  const { data } = useRead(orderOfCaseDocument, { id: of.orderId });
  const to = data?.order?.shippingAddress;
  return (
    <FormDrawer
      title={t("action.reship.title", { number: of.caseNo })}
      submit={t("action.reship.name")}
      form={form}
      pending={reship.isPending}
      refused={reship.data?.afterSaleReship.userErrors ?? []}
      failed={reship.error}
      close={close}
      note={
        to && (
          <Alert
            type="info"
            showIcon
            className="edit-note"
            title={`${to.recipient} ${to.phone} ${to.region} ${to.street}`}
          />
        )
      }
      onSubmit={async ({ carrier, trackingNo }) => {
        const input = { id: of.id, carrier: carrier.trim(), trackingNo: tidyTracking(trackingNo) };
        const answer = await reship.mutateAsync({ input });
        if (!answer.afterSaleReship.case) return;
        message.success(t("action.reship.done"));
        close();
      }}
    >
      <Form.Item
        name="carrier"
        label={tCommon("parcel.carrier")}
        extra={tCommon("parcel.carrierHelp")}
        rules={[required]}
      >
        <CarrierInput />
      </Form.Item>
      <Form.Item
        name="trackingNo"
        label={tCommon("parcel.trackingNo")}
        extra={tCommon("parcel.trackingNoHelp")}
        rules={[required, trackingRule]}
      >
        <Input autoComplete="off" />
      </Form.Item>
    </FormDrawer>
  );
}
