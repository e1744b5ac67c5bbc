// What can be done to a play in its state, each with a question that says what will happen. Every play has the same steps.
import { App, Button, Space } from "antd";
import { useTranslation } from "react-i18next";
import { messageKey } from "@/lib/boundary";

export type PlayStep = "publish" | "pause" | "resume" | "end" | "copy";
type Answer = { userErrors: { message: string }[] };

/** Which steps make sense in which state; the server has the last word. */
const stepsOf: Record<string, PlayStep[]> = {
  DRAFT: ["publish", "copy"],
  PUBLISHED: ["pause", "end", "copy"],
  PAUSED: ["resume", "end", "copy"],
};

export function PlayActions({
  namespace,
  play,
  run,
  size = "middle",
}: {
  /** Whose texts: `<namespace>:action.<step>.{name,question,effect,done}`. */
  namespace: string;
  play: { title: string; state: string };
  run: Record<PlayStep, () => Promise<Answer>>;
  size?: "small" | "middle";
}) {
  const { t } = useTranslation(namespace);
  const { t: tCommon } = useTranslation();
  const { modal, message } = App.useApp();

  const ask = (step: PlayStep) =>
    modal.confirm({
      title: t(`action.${step}.question`, { title: play.title }),
      content: t(`action.${step}.effect`),
      okText: t(`action.${step}.name`),
      okButtonProps: { danger: step === "end" },
      cancelText: tCommon("cancel"),
      onOk: async () => {
        try {
          const { userErrors } = await run[step]();
          if (userErrors.length > 0) message.error(userErrors.map((error) => error.message).join(" "), 6);
          else message.success(t(`action.${step}.done`));
        } catch (error) {
          message.error(tCommon(messageKey(error as Error)), 6);
        }
      },
    });

  return (
    <Space size="small" wrap>
      {(stepsOf[play.state] ?? ["copy"]).map((step) => (
        <Button
          key={step}
          size={size}
          danger={step === "end"}
          type={step === "publish" ? "primary" : "default"}
          aria-label={`${t(`action.${step}.name`)}: ${play.title}`}
          onClick={() => ask(step)}
        >
          {t(`action.${step}.name`)}
        </Button>
      ))}
    </Space>
  );
}
