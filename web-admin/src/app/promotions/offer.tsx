// What all offers have in common: offering them, and taking them back.
import { Button, Space } from "antd";
import { useTranslation } from "react-i18next";
import type { PromotionState } from "@/gql/graphql";
import { type Refusal, useAsk } from "@/lib/act";

export type Step = "activate" | "stop";

export const stepsOf: Record<PromotionState, Step[]> = { DRAFT: ["activate"], ACTIVE: ["stop"], STOPPED: ["activate"] };

export function OfferSteps({
  offer,
  run,
  size = "middle",
}: {
  offer: { title: string; state: PromotionState };
  run: Record<Step, () => Promise<{ userErrors: Refusal[] }>>;
  size?: "small" | "middle";
}) {
  const { t } = useTranslation("promotions");
  const ask = useAsk();
  return (
    <Space size={size}>
      {stepsOf[offer.state].map((step) => (
        <Button
          key={step}
          size={size}
          danger={step === "stop"}
          type={step === "activate" ? "primary" : "default"}
          aria-label={`${t(`step.${step}.name`)}: ${offer.title}`}
          onClick={() =>
            ask({
              title: t(`step.${step}.question`, { title: offer.title }),
              effect: t(`step.${step}.effect`),
              name: t(`step.${step}.name`),
              done: t(`step.${step}.done`),
              danger: step === "stop",
              run: run[step],
            })
          }
        >
          {t(`step.${step}.name`)}
        </Button>
      ))}
    </Space>
  );
}
