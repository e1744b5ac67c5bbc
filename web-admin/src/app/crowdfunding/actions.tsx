// What can be done to a crowdfunding in its state.
import type { CrowdfundingState } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { PlayActions } from "@/lib/play-actions";
import { useWrite } from "@/lib/query";

const publishDocument = graphql(`
  mutation CrowdfundingPublish($id: ID!) { crowdfundingPublish(id: $id) { userErrors { code message } } }
`);
const pauseDocument = graphql(`
  mutation CrowdfundingPause($id: ID!) { crowdfundingPause(id: $id) { userErrors { code message } } }
`);
const resumeDocument = graphql(`
  mutation CrowdfundingResume($id: ID!) { crowdfundingResume(id: $id) { userErrors { code message } } }
`);
const endDocument = graphql(`
  mutation CrowdfundingEndEarly($id: ID!) { crowdfundingEndEarly(id: $id) { userErrors { code message } } }
`);
const copyDocument = graphql(`
  mutation CrowdfundingCopy($id: ID!) { crowdfundingCopy(id: $id) { userErrors { code message } } }
`);

export function CrowdfundingActions({
  crowdfunding,
  size,
}: {
  crowdfunding: { id: string; title: string; state: CrowdfundingState };
  size?: "small" | "middle";
}) {
  const publish = useWrite(publishDocument);
  const pause = useWrite(pauseDocument);
  const resume = useWrite(resumeDocument);
  const end = useWrite(endDocument);
  const copy = useWrite(copyDocument);
  const id = { id: crowdfunding.id };
  return (
    <PlayActions
      namespace="crowdfunding"
      play={crowdfunding}
      size={size ?? "middle"}
      run={{
        publish: async () => (await publish.mutateAsync(id)).crowdfundingPublish,
        pause: async () => (await pause.mutateAsync(id)).crowdfundingPause,
        resume: async () => (await resume.mutateAsync(id)).crowdfundingResume,
        end: async () => (await end.mutateAsync(id)).crowdfundingEndEarly,
        copy: async () => (await copy.mutateAsync(id)).crowdfundingCopy,
      }}
    />
  );
}
