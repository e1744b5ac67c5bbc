// What can be done to a campaign in its state, each with a question that says what will happen.
import { App, Button, Space } from "antd";
import { useTranslation } from "react-i18next";
import type { GroupBuyState } from "@/gql/graphql";
import { messageKey } from "@/lib/boundary";
import { graphql } from "@/lib/graphql";
import { useWrite } from "@/lib/query";

const publishDocument = graphql(`
  mutation GroupBuyPublish($input: GroupBuyIdInput!) {
    groupBuyPublish(input: $input) { groupBuy { id state } userErrors { code message } }
  }
`);
const pauseDocument = graphql(`
  mutation GroupBuyPause($input: GroupBuyIdInput!) {
    groupBuyPause(input: $input) { groupBuy { id state } userErrors { code message } }
  }
`);
const resumeDocument = graphql(`
  mutation GroupBuyResume($input: GroupBuyIdInput!) {
    groupBuyResume(input: $input) { groupBuy { id state } userErrors { code message } }
  }
`);
const endDocument = graphql(`
  mutation GroupBuyEnd($input: GroupBuyIdInput!) {
    groupBuyEnd(input: $input) { groupBuy { id state } userErrors { code message } }
  }
`);

type Action = "publish" | "pause" | "resume" | "end";

/** Which actions make sense in which state; the server has the last word. */
export const actionsOf: Record<GroupBuyState, Action[]> = {
  DRAFT: ["publish"],
  SCHEDULED: ["pause", "end"],
  RUNNING: ["pause", "end"],
  PAUSED: ["resume", "end"],
  ENDED: [],
};

export function CampaignActions({
  campaign,
  size = "middle",
}: {
  campaign: { id: string; title: string; state: GroupBuyState };
  size?: "small" | "middle";
}) {
  const { t } = useTranslation("groupBuy");
  const { t: tCommon } = useTranslation();
  const { modal, message } = App.useApp();
  const publish = useWrite(publishDocument);
  const pause = useWrite(pauseDocument);
  const resume = useWrite(resumeDocument);
  const end = useWrite(endDocument);

  const input = { input: { id: campaign.id } };
  const run: Record<Action, () => Promise<{ userErrors: { message: string }[] }>> = {
    publish: async () => (await publish.mutateAsync(input)).groupBuyPublish,
    pause: async () => (await pause.mutateAsync(input)).groupBuyPause,
    resume: async () => (await resume.mutateAsync(input)).groupBuyResume,
    end: async () => (await end.mutateAsync(input)).groupBuyEnd,
  };

  const ask = (action: Action) =>
    modal.confirm({
      title: t(`action.${action}.question`, { title: campaign.title }),
      content: t(`action.${action}.effect`),
      okText: t(`action.${action}.name`),
      okButtonProps: { danger: action === "end" },
      cancelText: tCommon("cancel"),
      onOk: async () => {
        try {
          const { userErrors } = await run[action]();
          if (userErrors.length > 0) message.error(userErrors.map((error) => error.message).join(" "), 6);
          else message.success(t(`action.${action}.done`));
        } catch (error) {
          message.error(tCommon(messageKey(error as Error)), 6);
        }
      },
    });

  return (
    <Space size={size}>
      {actionsOf[campaign.state].map((action) => (
        <Button
          key={action}
          size={size}
          danger={action === "end"}
          type={action === "publish" ? "primary" : "default"}
          aria-label={`${t(`action.${action}.name`)}: ${campaign.title}`}
          onClick={() => ask(action)}
        >
          {t(`action.${action}.name`)}
        </Button>
      ))}
    </Space>
  );
}
