// News for everybody who backs it. What is told stays told.
import { App, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { FormDrawer, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useWrite } from "@/lib/query";

const tellDocument = graphql(`
  mutation CrowdfundingPostUpdate($id: ID!, $title: LocalizedTextInput!, $body: LocalizedTextInput!) {
    crowdfundingPostUpdate(id: $id, title: $title, body: $body) { userErrors { code field message } }
  }
`);

type Entered = { titleZh: string; titleEn?: string; bodyZh: string; bodyEn?: string };

export default function TellForm({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation("crowdfunding");
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const tell = useWrite(tellDocument);
  const required = useRequired();
  const submit = async (entered: Entered) => {
    const { crowdfundingPostUpdate } = await tell.mutateAsync({
      id,
      title: { zhCn: entered.titleZh.trim(), en: entered.titleEn?.trim() || undefined },
      body: { zhCn: entered.bodyZh.trim(), en: entered.bodyEn?.trim() || undefined },
    });
    if (crowdfundingPostUpdate.userErrors.length > 0) return;
    message.success(t("tell.done"));
    close();
  };
  return (
    <FormDrawer<Entered>
      title={t("tell.title")}
      submit={t("tell.submit")}
      form={form}
      pending={tell.isPending}
      refused={tell.data?.crowdfundingPostUpdate.userErrors ?? []}
      failed={tell.error}
      onSubmit={submit}
      close={close}
      note={<p className="quiet">{t("tell.help")}</p>}
    >
      <Form.Item name="titleZh" label={t("tell.titleZh")} rules={[required]}>
        <Input maxLength={60} showCount lang="zh-CN" />
      </Form.Item>
      <Form.Item name="bodyZh" label={t("tell.bodyZh")} rules={[required]}>
        <Input.TextArea maxLength={2000} rows={4} lang="zh-CN" />
      </Form.Item>
      <Form.Item name="titleEn" label={t("tell.titleEn")}>
        <Input maxLength={120} lang="en" />
      </Form.Item>
      <Form.Item name="bodyEn" label={t("tell.bodyEn")}>
        <Input.TextArea maxLength={2000} rows={4} lang="en" />
      </Form.Item>
    </FormDrawer>
  );
}
