// The steps of one campaign.
import { graphql } from "@/lib/graphql";
import { PlayActions } from "@/lib/play-actions";
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
  mutation GroupBuyEndEarly($input: GroupBuyIdInput!) {
    groupBuyEndEarly(input: $input) { groupBuy { id state } userErrors { code message } }
  }
`);
const copyDocument = graphql(`
  mutation GroupBuyCopy($input: GroupBuyIdInput!) {
    groupBuyCopy(input: $input) { groupBuy { id state } userErrors { code message } }
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
      namespace="groupBuy"
      play={campaign}
      size={size}
      run={{
        publish: async () => (await publish.mutateAsync(input)).groupBuyPublish,
        pause: async () => (await pause.mutateAsync(input)).groupBuyPause,
        resume: async () => (await resume.mutateAsync(input)).groupBuyResume,
        end: async () => (await end.mutateAsync(input)).groupBuyEndEarly,
        copy: async () => (await copy.mutateAsync(input)).groupBuyCopy,
      }}
    />
  );
}
