// What can be done to a crowdfunding in its state.
import { graphql } from "@/lib/graphql";
import { PlayActions } from "@/lib/play-actions";

const steps = {
  publish: graphql(`
    mutation CrowdfundingPublish($id: ID!) { crowdfundingPublish(id: $id) { userErrors { code message } } }
  `),
  pause: graphql(`
    mutation CrowdfundingPause($id: ID!) { crowdfundingPause(id: $id) { userErrors { code message } } }
  `),
  resume: graphql(`
    mutation CrowdfundingResume($id: ID!) { crowdfundingResume(id: $id) { userErrors { code message } } }
  `),
  end: graphql(`
    mutation CrowdfundingEndEarly($id: ID!) { crowdfundingEndEarly(id: $id) { userErrors { code message } } }
  `),
  copy: graphql(`
    mutation CrowdfundingCopy($id: ID!) { crowdfundingCopy(id: $id) { userErrors { code message } } }
  `),
};

export const CrowdfundingActions = ({
  crowdfunding,
  size,
}: {
  crowdfunding: { id: string; title: string; state: string };
  size?: "small" | "middle";
}) => (
  <PlayActions
    namespace="crowdfunding"
    play={crowdfunding}
    size={size}
    steps={steps}
    variables={{ id: crowdfunding.id }}
  />
);
