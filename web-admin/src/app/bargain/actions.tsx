// The steps of one campaign.
import { graphql } from "@/lib/graphql";
import { PlayActions } from "@/lib/play-actions";

const steps = {
  publish: graphql(`
    mutation BargainPublish($input: BargainIdInput!) {
      bargainPublish(input: $input) { bargain { id state } userErrors { code message } }
    }
  `),
  pause: graphql(`
    mutation BargainPause($input: BargainIdInput!) {
      bargainPause(input: $input) { bargain { id state } userErrors { code message } }
    }
  `),
  resume: graphql(`
    mutation BargainResume($input: BargainIdInput!) {
      bargainResume(input: $input) { bargain { id state } userErrors { code message } }
    }
  `),
  end: graphql(`
    mutation BargainEndEarly($input: BargainIdInput!) {
      bargainEndEarly(input: $input) { bargain { id state } userErrors { code message } }
    }
  `),
  copy: graphql(`
    mutation BargainCopy($input: BargainIdInput!) {
      bargainCopy(input: $input) { bargain { id state } userErrors { code message } }
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
    namespace="bargain"
    play={campaign}
    size={size}
    steps={steps}
    variables={{ input: { id: campaign.id } }}
  />
);
