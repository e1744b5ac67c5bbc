// Email and password; the code of an authenticator only when the account has one. What the server refuses (wrong
// password, locked out until …) it says in the reader's language, and the cursor goes to what has to be corrected.
import { useMutation } from "@tanstack/react-query";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { Alert, Button, Form, Input, type InputRef } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { LanguageSwitch } from "@/app/language";
import { Failed } from "@/lib/errors";
import { graphql, send } from "@/lib/graphql";
import { begin, whyEnded } from "@/lib/session";

const signInDocument = graphql(`
  mutation StaffSignIn($input: StaffSignInInput!) {
    staffSignIn(input: $input) {
      session { accessToken accessExpiresAt refreshToken refreshExpiresAt }
      totpRequired
      userErrors { code field message }
    }
  }
`);

type Entered = { email: string; password: string; totp?: string };

export default function SignIn() {
  const { t } = useTranslation("signIn");
  const { t: tCommon } = useTranslation();
  const { to } = useSearch({ strict: false }) as { to?: string };
  const navigate = useNavigate();
  const router = useRouter();
  const [form] = Form.useForm<Entered>();
  const [asksTotp, setAsksTotp] = useState(false);
  const email = useRef<InputRef>(null);
  const password = useRef<InputRef>(null);
  const totp = useRef<InputRef>(null);

  const signIn = useMutation({
    mutationFn: async (entered: Entered) =>
      (await send(signInDocument, { input: { ...entered, email: entered.email.trim() } }, undefined)).staffSignIn,
    onSuccess: ({ session, totpRequired }) => {
      if (session) {
        begin(session);
        // `to` comes from the address bar: only a path of this application is followed.
        if (to?.startsWith("/") && !to.startsWith("//")) router.history.push(`/admin${to}`);
        else navigate({ to: "/" });
        return;
      }
      if (totpRequired && !asksTotp) {
        setAsksTotp(true);
        return;
      }
      const wrong = asksTotp ? totp : password;
      if (asksTotp) form.setFieldValue("totp", "");
      wrong.current?.focus({ cursor: "all" });
    },
  });
  // Being asked for the code is the next step, not a refusal.
  const justAsked = signIn.data?.totpRequired && !signIn.variables?.totp;
  const refused = justAsked ? [] : (signIn.data?.userErrors ?? []);

  useEffect(() => {
    document.title = `${t("title")} · ${tCommon("product")}`;
  }, [t, tCommon]);
  useEffect(() => {
    (asksTotp ? totp : email).current?.focus();
  }, [asksTotp]);

  return (
    <div className="sign-in">
      <header className="sign-in-language">
        <LanguageSwitch />
      </header>
      <main className="sign-in-card">
        <img src={`${import.meta.env.BASE_URL}logo.svg`} alt="" width={56} height={56} />
        <h1>{t("title")}</h1>
        <p className="lead">{t("lead")}</p>
        {whyEnded() === "expired" && !signIn.data && <Alert type="info" showIcon title={t("expired")} />}
        <div role="alert">
          {refused.map(({ code, message }) => (
            <Alert key={code} type="error" showIcon title={message} data-code={code} />
          ))}
        </div>
        {signIn.error && <Failed error={signIn.error} />}
        <Form<Entered>
          form={form}
          layout="vertical"
          size="large"
          requiredMark={false}
          validateTrigger="onSubmit"
          onFinish={(entered) => signIn.mutate(entered)}
          onFinishFailed={({ errorFields }) => form.focusField(errorFields[0]?.name ?? "email")}
        >
          <Form.Item
            name="email"
            label={t("email")}
            hidden={asksTotp}
            rules={[
              { required: true, message: t("emailMissing") },
              { type: "email", message: t("emailWrong"), transform: (value?: string) => value?.trim() },
            ]}
          >
            <Input ref={email} type="email" autoComplete="username" inputMode="email" />
          </Form.Item>
          <Form.Item
            name="password"
            label={t("password")}
            hidden={asksTotp}
            rules={[{ required: true, message: t("passwordMissing") }]}
          >
            <Input.Password ref={password} autoComplete="current-password" />
          </Form.Item>
          {asksTotp && (
            <Form.Item
              name="totp"
              label={t("totp")}
              extra={t("totpHelp")}
              rules={[{ required: true, pattern: /^\d{6}$/, message: t("totpMissing") }]}
            >
              <Input ref={totp} autoComplete="one-time-code" inputMode="numeric" maxLength={6} className="totp" />
            </Form.Item>
          )}
          <Button type="primary" htmlType="submit" block loading={signIn.isPending}>
            {asksTotp ? t("verify") : t("submit")}
          </Button>
          {asksTotp && (
            <Button
              type="link"
              block
              onClick={() => {
                signIn.reset();
                form.resetFields();
                setAsksTotp(false);
              }}
            >
              {t("other")}
            </Button>
          )}
        </Form>
      </main>
    </div>
  );
}
