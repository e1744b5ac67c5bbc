// Reading through TanStack Query with typed documents; the document and its variables are the cache key.
import { QueryClient, type UseQueryOptions, useMutation, useQuery } from "@tanstack/react-query";
import type { TypedDocumentString } from "@/gql/graphql";
import { execute } from "@/lib/api";
import { RequestFailed } from "@/lib/graphql";

const worthRetrying = (error: Error) =>
  error instanceof RequestFailed && (error.code === "NETWORK" || error.code.startsWith("HTTP_50"));

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, retry: (count, error) => count < 2 && worthRetrying(error) },
  },
});

type Options<R> = Omit<UseQueryOptions<R, Error>, "queryKey" | "queryFn">;

export const useRead = <R, V>(document: TypedDocumentString<R, V>, variables: V, options: Options<R> = {}) =>
  useQuery<R, Error>({
    queryKey: [document.toString(), variables],
    queryFn: ({ signal }) => execute(document, variables, signal),
    ...options,
  });

/** Writes are never repeated by themselves; afterwards everything on screen is read again. */
export const useWrite = <R, V>(document: TypedDocumentString<R, V>) =>
  useMutation<R, Error, V>({
    mutationFn: (variables) => execute(document, variables),
    onSuccess: () => queryClient.invalidateQueries(),
  });
