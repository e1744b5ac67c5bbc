// Speaking GraphQL over HTTP: one function, one error type. Documents are strings with a type (codegen's string
// mode), so no GraphQL parser reaches the browser.
import i18next from "i18next";
import type { TypedDocumentString } from "@/gql/graphql";

export { graphql } from "@/gql";

export const endpoint = "/admin/graphql";

/** A request that got no usable answer: the network failed, the server faulted, or it asks to sign in again. */
export class RequestFailed extends Error {
  readonly code: string;
  readonly requestId: string | undefined;

  constructor(code: string, message: string, requestId?: string) {
    super(message);
    this.name = "RequestFailed";
    this.code = code;
    this.requestId = requestId;
  }
}

type Answer<R> = {
  data?: R | null;
  errors?: { message: string; extensions?: { code?: string; requestId?: string } }[];
};

/** One round trip with the given token, or none for signing in. */
export async function send<R, V>(
  document: TypedDocumentString<R, V>,
  variables: V,
  token: string | undefined,
  signal?: AbortSignal,
): Promise<R> {
  let response: Response;
  try {
    response = await fetch(endpoint, {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json, application/json",
        "content-type": "application/json",
        "accept-language": i18next.language ?? "zh-CN",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ query: document.toString(), variables }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestFailed("NETWORK", String(error));
  }
  const requestId = response.headers.get("x-request-id") ?? undefined;
  const answer = await response.json().then(
    (body) => body as Answer<R>,
    () => undefined,
  );
  const fault = answer?.errors?.[0];
  if (fault) {
    throw new RequestFailed(
      fault.extensions?.code ?? "INTERNAL",
      fault.message,
      fault.extensions?.requestId ?? requestId,
    );
  }
  if (!answer?.data) throw new RequestFailed(`HTTP_${response.status}`, response.statusText, requestId);
  return answer.data;
}
