// Words and pictures to the shopper: a no with its reasons, or just words.
import { Alert, App, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { FormDrawer, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useWrite } from "@/lib/query";
import { idsOf } from "@/lib/shots";
import { Attach, type Said } from "./attach";
import type { Case } from "./case";

const rejectDocument = graphql(`
  mutation AfterSaleReject($input: AfterSaleSayInput!) {
    afterSaleReject(input: $input) { case { id state } userErrors { code field message } }
  }
`);
const sayDocument = graphql(`
  mutation AfterSaleSay($input: AfterSaleSayInput!) {
    afterSaleSay(input: $input) { case { id } userErrors { code field message } }
  }
`);

type Props = { case: Case; close: () => void };

export function RejectForm({ case: of, close }: Props) {
  const { t } = useTranslation("afterSale");
  const { message } = App.useApp();
  const [form] = Form.useForm<Said>();
  const reject = useWrite(rejectDocument);
  const required = useRequired();
  return (
    <FormDrawer
      title={t("action.reject.title", { number: of.caseNo })}
      submit={t("action.reject.name")}
      danger
      form={form}
      pending={reject.isPending}
      refused={reject.data?.afterSaleReject.userErrors ?? []}
      failed={reject.error}
      close={close}
      note={<Alert type="warning" showIcon className="edit-note" title={t("action.reject.effect")} />}
      onSubmit={async ({ note, pictures }) => {
        const answer = await reject.mutateAsync({ input: { id: of.id, note: note.trim(), mediaIds: idsOf(pictures) } });
        if (!answer.afterSaleReject.case) return;
        message.success(t("action.reject.done"));
        close();
      }}
    >
      <Form.Item name="note" label={t("action.reject.why")} extra={t("action.reject.whyHelp")} rules={[required]}>
        <Input.TextArea rows={4} maxLength={500} showCount />
      </Form.Item>
      <Attach />
    </FormDrawer>
  );
}

export function SayForm({ case: of, close }: Props) {
  const { t } = useTranslation("afterSale");
  const { message } = App.useApp();
  const [form] = Form.useForm<Said>();
  const say = useWrite(sayDocument);
  const required = useRequired();
  return (
    <FormDrawer
      title={t("action.say.title", { number: of.caseNo })}
      submit={t("action.say.submit")}
      form={form}
      pending={say.isPending}
      refused={say.data?.afterSaleSay.userErrors ?? []}
      failed={say.error}
      close={close}
      onSubmit={async ({ note, pictures }) => {
        const answer = await say.mutateAsync({ input: { id: of.id, note: note.trim(), mediaIds: idsOf(pictures) } });
        if (!answer.afterSaleSay.case) return;
        message.success(t("action.say.done"));
        close();
      }}
    >
      <Form.Item name="note" label={t("toShopper")} extra={t("toShopperHelp")} rules={[required]}>
        <Input.TextArea rows={4} maxLength={500} showCount />
      </Form.Item>
      <Attach />
    </FormDrawer>
  );
}
