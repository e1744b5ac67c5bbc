// The first thing somebody with a one-time password does; until then their session may do nothing else.
import { Alert, Button, Card, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { Failed } from "@/lib/errors";
import { graphql } from "@/lib/graphql";
import { Page } from "@/lib/page";
import { useWrite } from "@/lib/query";

const changeDocument = graphql(`
  mutation StaffPasswordChange($input: StaffPasswordChangeInput!) {
    staffPasswordChange(input: $input) { viewer { id } userErrors { code field message } }
  }
`);

type Entered = { current: string; chosen: string; again: string };

export default function ChoosePassword() {
  const { t } = useTranslation("signIn");
  const change = useWrite(changeDocument);
  return (
    <Page title={t("choose.title")}>
      <Card className="choose-password">
        <p className="quiet">{t("choose.lead")}</p>
        <div role="alert" className="form-errors">
          {change.data?.staffPasswordChange.userErrors.map(({ code, message }) => (
            <Alert key={code} type="error" showIcon title={message} data-code={code} />
          ))}
          {change.error && <Failed error={change.error} />}
        </div>
        <Form<Entered>
          layout="vertical"
          requiredMark={false}
          onFinish={({ current, chosen }) =>
            change.mutate({ input: { currentPassword: current, newPassword: chosen } })
          }
        >
          <Form.Item
            name="current"
            label={t("choose.current")}
            rules={[{ required: true, message: t("passwordMissing") }]}
          >
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          <Form.Item
            name="chosen"
            label={t("choose.new")}
            extra={t("choose.newHelp")}
            rules={[{ required: true, min: 12, message: t("choose.short") }]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Form.Item
            name="again"
            label={t("choose.again")}
            dependencies={["chosen"]}
            rules={[
              ({ getFieldValue }) => ({
                validator: async (_, value) => {
                  if (value !== getFieldValue("chosen")) throw new Error(t("choose.differs"));
                },
              }),
            ]}
          >
            <Input.Password autoComplete="new-password" />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={change.isPending}>
            {t("choose.submit")}
          </Button>
        </Form>
      </Card>
    </Page>
  );
}
