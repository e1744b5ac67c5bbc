// What can be done to a sale in its state, each with a question that says what will happen.
import { App, Button, Space } from "antd";
import { useTranslation } from "react-i18next";
import type { FlashSaleState } from "@/gql/graphql";
import { messageKey } from "@/lib/boundary";
import { graphql } from "@/lib/graphql";
import { useWrite } from "@/lib/query";

const publishDocument = graphql(`
  mutation FlashSalePublish($input: FlashSaleIdInput!) {
    flashSalePublish(input: $input) { flashSale { id state } userErrors { code message } }
  }
`);
const pauseDocument = graphql(`
  mutation FlashSalePause($input: FlashSaleIdInput!) {
    flashSalePause(input: $input) { flashSale { id state } userErrors { code message } }
  }
`);
const resumeDocument = graphql(`
  mutation FlashSaleResume($input: FlashSaleIdInput!) {
    flashSaleResume(input: $input) { flashSale { id state } userErrors { code message } }
  }
`);
const endDocument = graphql(`
  mutation FlashSaleEndEarly($input: FlashSaleIdInput!) {
    flashSaleEndEarly(input: $input) { flashSale { id state } userErrors { code message } }
  }
`);
const copyDocument = graphql(`
  mutation FlashSaleCopy($input: FlashSaleIdInput!) {
    flashSaleCopy(input: $input) { flashSale { id state } userErrors { code message } }
  }
`);

type Action = "publish" | "pause" | "resume" | "end" | "copy";

/** Which actions make sense in which state; the server has the last word. */
export const actionsOf: Record<FlashSaleState, Action[]> = {
  DRAFT: ["publish", "copy"],
  PUBLISHED: ["pause", "end", "copy"],
  PAUSED: ["resume", "end", "copy"],
  ENDED: ["copy"],
};

export function SaleActions({
  sale,
  size = "middle",
}: {
  sale: { id: string; title: string; state: FlashSaleState };
  size?: "small" | "middle";
}) {
  const { t } = useTranslation("flashSale");
  const { t: tCommon } = useTranslation();
  const { modal, message } = App.useApp();
  const publish = useWrite(publishDocument);
  const pause = useWrite(pauseDocument);
  const resume = useWrite(resumeDocument);
  const end = useWrite(endDocument);
  const copy = useWrite(copyDocument);

  const input = { input: { id: sale.id } };
  const run: Record<Action, () => Promise<{ userErrors: { message: string }[] }>> = {
    publish: async () => (await publish.mutateAsync(input)).flashSalePublish,
    pause: async () => (await pause.mutateAsync(input)).flashSalePause,
    resume: async () => (await resume.mutateAsync(input)).flashSaleResume,
    end: async () => (await end.mutateAsync(input)).flashSaleEndEarly,
    copy: async () => (await copy.mutateAsync(input)).flashSaleCopy,
  };

  const ask = (action: Action) =>
    modal.confirm({
      title: t(`action.${action}.question`, { title: sale.title }),
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
      {actionsOf[sale.state].map((action) => (
        <Button
          key={action}
          size={size}
          danger={action === "end"}
          type={action === "publish" ? "primary" : "default"}
          aria-label={`${t(`action.${action}.name`)}: ${sale.title}`}
          onClick={() => ask(action)}
        >
          {t(`action.${action}.name`)}
        </Button>
      ))}
    </Space>
  );
}
