// A question for everybody who backs it (命名投票), with its answers and an end.
import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { App, Button, DatePicker, Form, Input } from "antd";
import type { Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { FormDrawer, useRequired } from "@/lib/form-drawer";
import { graphql } from "@/lib/graphql";
import { useWrite } from "@/lib/query";

const askDocument = graphql(`
  mutation CrowdfundingAsk($id: ID!, $question: LocalizedTextInput!, $options: [LocalizedTextInput!]!, $closesAt: DateTime!) {
    crowdfundingAsk(id: $id, question: $question, options: $options, closesAt: $closesAt) { userErrors { code field message } }
  }
`);

type Entered = { questionZh: string; questionEn?: string; options: { zh: string; en?: string }[]; closesAt: Dayjs };

export default function AskForm({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation("crowdfunding");
  const { message } = App.useApp();
  const [form] = Form.useForm<Entered>();
  const ask = useWrite(askDocument);
  const required = useRequired();
  const submit = async (entered: Entered) => {
    const { crowdfundingAsk } = await ask.mutateAsync({
      id,
      question: { zhCn: entered.questionZh.trim(), en: entered.questionEn?.trim() || undefined },
      options: entered.options.map(({ zh, en }) => ({ zhCn: zh.trim(), en: en?.trim() || undefined })),
      closesAt: entered.closesAt.toISOString(),
    });
    if (crowdfundingAsk.userErrors.length > 0) return;
    message.success(t("ask.done"));
    close();
  };
  return (
    <FormDrawer<Entered>
      title={t("ask.title")}
      submit={t("ask.submit")}
      form={form}
      initial={{ options: [{ zh: "" }, { zh: "" }] }}
      pending={ask.isPending}
      refused={ask.data?.crowdfundingAsk.userErrors ?? []}
      failed={ask.error}
      onSubmit={submit}
      close={close}
      note={<p className="quiet">{t("ask.help")}</p>}
    >
      <Form.Item name="questionZh" label={t("ask.questionZh")} rules={[required]}>
        <Input maxLength={120} lang="zh-CN" />
      </Form.Item>
      <Form.Item name="questionEn" label={t("ask.questionEn")}>
        <Input maxLength={120} lang="en" />
      </Form.Item>
      <Form.List name="options">
        {(fields, { add, remove }) => (
          <>
            {fields.map((field) => (
              <fieldset key={field.key}>
                <legend>{t("ask.option", { n: field.name + 1 })}</legend>
                {fields.length > 2 && (
                  <Button
                    className="rung-remove"
                    type="text"
                    icon={<MinusCircleOutlined />}
                    aria-label={t("form.remove", { what: t("ask.option", { n: field.name + 1 }) })}
                    onClick={() => remove(field.name)}
                  />
                )}
                <Form.Item name={[field.name, "zh"]} label={t("form.titleZh")} rules={[required]}>
                  <Input maxLength={60} lang="zh-CN" />
                </Form.Item>
                <Form.Item name={[field.name, "en"]} label={t("form.titleEn")}>
                  <Input maxLength={120} lang="en" />
                </Form.Item>
              </fieldset>
            ))}
            <Button
              type="dashed"
              icon={<PlusOutlined />}
              onClick={() => add({ zh: "" })}
              disabled={fields.length >= 20}
            >
              {t("ask.add")}
            </Button>
          </>
        )}
      </Form.List>
      <Form.Item
        name="closesAt"
        label={t("ask.closesAt")}
        rules={[{ required: true, message: required.message }]}
        className="rung-help"
      >
        <DatePicker aria-label={t("ask.closesAt")} showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm" />
      </Form.Item>
    </FormDrawer>
  );
}
