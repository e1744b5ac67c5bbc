import { Alert, App, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { FormDrawer } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { formatMoney } from "@/lib/money";
import { useRead, useWrite } from "@/lib/query";
import type { Case } from "./case";
import { returns } from "./cases";

const approveDocument = graphql(`
  mutation AfterSaleApprove($input: AfterSaleApproveInput!) {
    afterSaleApprove(input: $input) { case { id state } userErrors { code field message } }
  }
`);
const returnToDocument = graphql(`
  query AfterSaleReturnTo { afterSalePolicy { returnTo } }
`);

type Entered = { returnTo?: string; note?: string };

/** Agrees: the money goes back, or the goods are waited for. */
export default function ApproveForm({ case: of, close }: { case: Case; close: () => void }) {
  const { t, i18n } = useTranslation("afterSale");
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const approve = useWrite(approveDocument);
  const { data } = useRead(returnToDocument, {});
  return (
    <FormDrawer
      title={t("action.approve.title", { number: of.caseNo })}
      submit={t("action.approve.name")}
      form={form}
      pending={approve.isPending}
      refused={approve.data?.afterSaleApprove.userErrors ?? []}
      failed={approve.error}
      close={close}
      note={
        <Alert
          type="warning"
          showIcon
          className="edit-note"
          title={t(`action.approve.effect.${of.kind}`, { amount: formatMoney(of.amount, i18n.language) })}
        />
      }
      onSubmit={async ({ returnTo, note }) => {
        const input = { id: of.id, returnTo: returnTo?.trim() || undefined, note: note?.trim() ?? "" };
        const answer = await approve.mutateAsync({ input });
        if (!answer.afterSaleApprove.case) return;
        message.success(t("action.approve.done"));
        close();
      }}
    >
      {returns(of.kind) && (
        <Form.Item
          name="returnTo"
          label={t("returnTo")}
          extra={t("action.approve.returnToHelp", { usual: data?.afterSalePolicy.returnTo ?? "" })}
        >
          <Input.TextArea rows={2} maxLength={300} />
        </Form.Item>
      )}
      <Form.Item name="note" label={t("toShopper")} extra={t("toShopperHelp")}>
        <Input.TextArea rows={3} maxLength={500} showCount />
      </Form.Item>
    </FormDrawer>
  );
}
