// What can be done to a campaign in its state, each with a question that says what will happen.
import { Button, Space } from "antd";
import { useTranslation } from "react-i18next";
import type { BargainState } from "@/gql/graphql";
import { type Refusal, useAsk } from "@/lib/act";
import { graphql } from "@/lib/graphql";
import { useWrite } from "@/lib/query";

const publishDocument = graphql(`
  mutation BargainPublish($input: BargainIdInput!) {
    bargainPublish(input: $input) { bargain { id state } userErrors { code message } }
  }
`);
const pauseDocument = graphql(`
  mutation BargainPause($input: BargainIdInput!) {
    bargainPause(input: $input) { bargain { id state } userErrors { code message } }
  }
`);
const resumeDocument = graphql(`
  mutation BargainResume($input: BargainIdInput!) {
    bargainResume(input: $input) { bargain { id state } userErrors { code message } }
  }
`);
const endDocument = graphql(`
  mutation BargainEndEarly($input: BargainIdInput!) {
    bargainEndEarly(input: $input) { bargain { id state } userErrors { code message } }
  }
`);
const copyDocument = graphql(`
  mutation BargainCopy($input: BargainIdInput!) {
    bargainCopy(input: $input) { bargain { id state } userErrors { code message } }
  }
`);

type Action = "publish" | "pause" | "resume" | "end" | "copy";

/** Which actions make sense in which state; the server has the last word. */
export const actionsOf: Record<BargainState, Action[]> = {
  DRAFT: ["publish"],
  SCHEDULED: ["pause", "end", "copy"],
  RUNNING: ["pause", "end", "copy"],
  PAUSED: ["resume", "end", "copy"],
  ENDED: ["copy"],
};

export function CampaignActions({
  campaign,
  size = "middle",
}: {
  campaign: { id: string; title: string; state: BargainState };
  size?: "small" | "middle";
}) {
  const { t } = useTranslation("bargain");
  const ask = useAsk();
  const publish = useWrite(publishDocument);
  const pause = useWrite(pauseDocument);
  const resume = useWrite(resumeDocument);
  const end = useWrite(endDocument);
  const copy = useWrite(copyDocument);

  const input = { input: { id: campaign.id } };
  const run: Record<Action, () => Promise<{ userErrors: Refusal[] }>> = {
    publish: async () => (await publish.mutateAsync(input)).bargainPublish,
    pause: async () => (await pause.mutateAsync(input)).bargainPause,
    resume: async () => (await resume.mutateAsync(input)).bargainResume,
    end: async () => (await end.mutateAsync(input)).bargainEndEarly,
    copy: async () => (await copy.mutateAsync(input)).bargainCopy,
  };
  return (
    <Space size={size}>
      {actionsOf[campaign.state].map((action) => (
        <Button
          key={action}
          size={size}
          danger={action === "end"}
          type={action === "publish" ? "primary" : "default"}
          aria-label={`${t(`action.${action}.name`)}: ${campaign.title}`}
          onClick={() =>
            ask({
              title: t(`action.${action}.question`, { title: campaign.title }),
              effect: t(`action.${action}.effect`),
              name: t(`action.${action}.name`),
              done: t(`action.${action}.done`),
              danger: action === "end",
              run: run[action],
            })
          }
        >
          {t(`action.${action}.name`)}
        </Button>
      ))}
    </Space>
  );
}
