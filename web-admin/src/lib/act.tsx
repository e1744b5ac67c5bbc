// Doing something: a question first where it cannot be undone, then what became of it, in a sentence.
import { Alert, App } from "antd";
import { useTranslation } from "react-i18next";
import { messageKey } from "@/lib/boundary";
import { Failed } from "@/lib/errors";

/** Why the server refused, in the reader's language. */
export type Refusal = { code: string; message: string; field?: string | null };

export type Question = {
  title: string;
  effect: string;
  name: string;
  done: string;
  danger?: boolean;
  run: () => Promise<{ userErrors: Refusal[] }>;
};

/** Asks, does it, and says how it went. */
export function useAsk() {
  const { t } = useTranslation();
  const { modal, message } = App.useApp();
  return (question: Question) =>
    modal.confirm({
      title: question.title,
      content: question.effect,
      okText: question.name,
      okButtonProps: { danger: question.danger ?? false },
      cancelText: t("cancel"),
      onOk: async () => {
        try {
          const { userErrors } = await question.run();
          if (userErrors.length > 0) message.error(userErrors.map((error) => error.message).join(" "), 6);
          else message.success(question.done);
        } catch (error) {
          message.error(t(messageKey(error as Error)), 6);
        }
      },
    });
}

/** Above a form: why it was refused, or what failed. */
export function FormErrors({ refused, failed }: { refused: Refusal[]; failed?: Error | null }) {
  return (
    <div role="alert" className="form-errors" id="refused">
      {refused.map((error) => (
        <Alert key={`${error.code}${error.field}`} type="error" showIcon title={error.message} />
      ))}
      {failed && <Failed error={failed} />}
    </div>
  );
}
