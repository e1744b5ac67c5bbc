// What can be done to a presale in its state.
import { graphql } from "@/lib/graphql";
import { PlayActions } from "@/lib/play-actions";

const steps = {
  publish: graphql(`
    mutation PresalePublish($id: ID!) { presalePublish(id: $id) { userErrors { code message } } }
  `),
  pause: graphql(`
    mutation PresalePause($id: ID!) { presalePause(id: $id) { userErrors { code message } } }
  `),
  resume: graphql(`
    mutation PresaleResume($id: ID!) { presaleResume(id: $id) { userErrors { code message } } }
  `),
  end: graphql(`
    mutation PresaleEndEarly($id: ID!) { presaleEndEarly(id: $id) { userErrors { code message } } }
  `),
  copy: graphql(`
    mutation PresaleCopy($id: ID!) { presaleCopy(id: $id) { userErrors { code message } } }
  `),
};

export const PresaleActions = ({
  presale,
  size,
}: {
  presale: { id: string; title: string; state: string };
  size?: "small" | "middle";
}) => <PlayActions namespace="presale" play={presale} size={size} steps={steps} variables={{ id: presale.id }} />;
