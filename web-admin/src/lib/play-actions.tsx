// What can be done to a play in its state, each with a question that says what will happen. Every play has the same steps.
import { Button, Space } from "antd";
import { useTranslation } from "react-i18next";
import type { TypedDocumentString } from "@/gql/graphql";
import { type Refusal, useAsk } from "@/lib/act";
import { execute } from "@/lib/api";
import { queryClient } from "@/lib/query";

export type PlayStep = "publish" | "pause" | "resume" | "end" | "copy";
type Answer = { userErrors: Refusal[] };

/** Which steps make sense in which state; the server has the last word. */
const stepsOf: Record<string, PlayStep[]> = {
  DRAFT: ["publish", "copy"],
  SCHEDULED: ["pause", "end", "copy"],
  PUBLISHED: ["pause", "end", "copy"],
  RUNNING: ["pause", "end", "copy"],
  PAUSED: ["resume", "end", "copy"],
  ACTIVE: ["pause", "end", "copy"],
  STOPPED: ["resume", "end", "copy"],
};

export function PlayActions<V>({
  namespace,
  texts = "",
  play,
  steps,
  variables,
  size = "middle",
}: {
  /** Whose texts: `<namespace>:action.<step>.{name,question,effect,done}`. */
  namespace: string;
  /** Where in it they stand, with the dot behind it. */
  texts?: string;
  play: { title: string; state: string };
  /** The mutations; each has one field, which answers with what it refuses. */
  steps: Record<PlayStep, TypedDocumentString<object, V>>;
  variables: V;
  size?: "small" | "middle";
}) {
  const { t } = useTranslation(namespace);
  const ask = useAsk();
  const take = async (step: PlayStep) => {
    const answer: object = await execute(steps[step], variables);
    await queryClient.invalidateQueries();
    return Object.values(answer)[0] as Answer;
  };
  return (
    <Space size="small" wrap>
      {(stepsOf[play.state] ?? ["copy"]).map((step) => (
        <Button
          key={step}
          size={size}
          danger={step === "end"}
          type={step === "publish" ? "primary" : "default"}
          aria-label={`${t(`${texts}action.${step}.name`)}: ${play.title}`}
          onClick={() =>
            ask({
              title: t(`${texts}action.${step}.question`, { title: play.title }),
              effect: t(`${texts}action.${step}.effect`),
              name: t(`${texts}action.${step}.name`),
              done: t(`${texts}action.${step}.done`),
              danger: step === "end",
              run: () => take(step),
            })
          }
        >
          {t(`${texts}action.${step}.name`)}
        </Button>
      ))}
    </Space>
  );
}
