// What can be done to a presale in its state.
import type { PresaleState } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { PlayActions } from "@/lib/play-actions";
import { useWrite } from "@/lib/query";

const publishDocument = graphql(`
  mutation PresalePublish($id: ID!) { presalePublish(id: $id) { userErrors { code message } } }
`);
const pauseDocument = graphql(`
  mutation PresalePause($id: ID!) { presalePause(id: $id) { userErrors { code message } } }
`);
const resumeDocument = graphql(`
  mutation PresaleResume($id: ID!) { presaleResume(id: $id) { userErrors { code message } } }
`);
const endDocument = graphql(`
  mutation PresaleEndEarly($id: ID!) { presaleEndEarly(id: $id) { userErrors { code message } } }
`);
const copyDocument = graphql(`
  mutation PresaleCopy($id: ID!) { presaleCopy(id: $id) { userErrors { code message } } }
`);

export function PresaleActions({
  presale,
  size,
}: {
  presale: { id: string; title: string; state: PresaleState };
  size?: "small" | "middle";
}) {
  const publish = useWrite(publishDocument);
  const pause = useWrite(pauseDocument);
  const resume = useWrite(resumeDocument);
  const end = useWrite(endDocument);
  const copy = useWrite(copyDocument);
  const id = { id: presale.id };
  return (
    <PlayActions
      namespace="presale"
      play={presale}
      size={size ?? "middle"}
      run={{
        publish: async () => (await publish.mutateAsync(id)).presalePublish,
        pause: async () => (await pause.mutateAsync(id)).presalePause,
        resume: async () => (await resume.mutateAsync(id)).presaleResume,
        end: async () => (await end.mutateAsync(id)).presaleEndEarly,
        copy: async () => (await copy.mutateAsync(id)).presaleCopy,
      }}
    />
  );
}
