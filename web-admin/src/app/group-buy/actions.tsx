// The steps of one campaign.
import { graphql } from "@/lib/graphql";
import { PlayActions } from "@/lib/play-actions";

const steps = {
  publish: graphql(`
    mutation GroupBuyPublish($input: GroupBuyIdInput!) {
      groupBuyPublish(input: $input) { groupBuy { id state } userErrors { code message } }
    }
  `),
  pause: graphql(`
    mutation GroupBuyPause($input: GroupBuyIdInput!) {
      groupBuyPause(input: $input) { groupBuy { id state } userErrors { code message } }
    }
  `),
  resume: graphql(`
    mutation GroupBuyResume($input: GroupBuyIdInput!) {
      groupBuyResume(input: $input) { groupBuy { id state } userErrors { code message } }
    }
  `),
  end: graphql(`
    mutation GroupBuyEndEarly($input: GroupBuyIdInput!) {
      groupBuyEndEarly(input: $input) { groupBuy { id state } userErrors { code message } }
    }
  `),
  copy: graphql(`
    mutation GroupBuyCopy($input: GroupBuyIdInput!) {
      groupBuyCopy(input: $input) { groupBuy { id state } userErrors { code message } }
    }
  `),
};

export const CampaignActions = ({
  campaign,
  size,
}: {
  campaign: { id: string; title: string; state: string };
  size?: "small" | "middle";
}) => (
  <PlayActions
    namespace="groupBuy"
    play={campaign}
    size={size}
    steps={steps}
    variables={{ input: { id: campaign.id } }}
  />
);
