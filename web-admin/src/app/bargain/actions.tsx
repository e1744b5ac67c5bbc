// The steps of one campaign.
import { graphql } from "@/lib/graphql";
import { PlayActions } from "@/lib/play-actions";
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

export function CampaignActions({
  campaign,
  size = "middle",
}: {
  campaign: { id: string; title: string; state: string };
  size?: "small" | "middle";
}) {
  const publish = useWrite(publishDocument);
  const pause = useWrite(pauseDocument);
  const resume = useWrite(resumeDocument);
  const end = useWrite(endDocument);
  const copy = useWrite(copyDocument);
  const input = { input: { id: campaign.id } };
  return (
    <PlayActions
      namespace="bargain"
      play={campaign}
      size={size}
      run={{
        publish: async () => (await publish.mutateAsync(input)).bargainPublish,
        pause: async () => (await pause.mutateAsync(input)).bargainPause,
        resume: async () => (await resume.mutateAsync(input)).bargainResume,
        end: async () => (await end.mutateAsync(input)).bargainEndEarly,
        copy: async () => (await copy.mutateAsync(input)).bargainCopy,
      }}
    />
  );
}
