import type { TypedDocumentString } from "@/gql/graphql";
import { RequestFailed, send } from "@/lib/graphql";
import { accessToken, forgetAccess } from "@/lib/session";

/** Asks as the signed-in member of staff. An access token the server no longer takes is replaced once. */
export async function execute<R, V>(
  document: TypedDocumentString<R, V>,
  variables: V,
  signal?: AbortSignal,
): Promise<R> {
  try {
    return await send(document, variables, await accessToken(), signal);
  } catch (error) {
    if (!(error instanceof RequestFailed && error.code === "UNAUTHENTICATED")) throw error;
    forgetAccess();
    return send(document, variables, await accessToken(), signal);
  }
}
