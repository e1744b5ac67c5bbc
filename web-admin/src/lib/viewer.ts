// The signed-in member of staff and what they may do. The server decides; this only hides what would be refused.
import type { Permission } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { useRead } from "@/lib/query";

const viewerDocument = graphql(`
  query Viewer {
    viewer { id name email permissions passwordChangeRequired }
  }
`);

export function useViewer() {
  const { data } = useRead(viewerDocument, {}, { staleTime: 60_000 });
  const viewer = data?.viewer ?? undefined;
  return { viewer, can: (permission: Permission) => viewer?.permissions.includes(permission) ?? false };
}
