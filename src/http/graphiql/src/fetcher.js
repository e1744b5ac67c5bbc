// How GraphiQL asks: queries and mutations by POST, subscriptions by graphql-transport-ws on the same address. The headers
// of the tab go along in both: over the socket, `authorization` is the payload of `connection_init`.
import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';

/** The fetcher of one endpoint. */
export function createFetcher(url) {
  const post = async (params, headers) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/graphql-response+json, application/json', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(params),
    });
    return response.json();
  };
  return (params, options) => {
    const headers = options?.headers ?? {};
    const streams = getOperationAST(parse(params.query), params.operationName)?.operation === 'subscription';
    return streams ? live(url, params, headers) : post(params, headers);
  };
}

/** The results of a subscription; its socket lives as long as it does. */
async function* live(url, params, headers) {
  const there = new URL(url);
  there.protocol = there.protocol.replace('http', 'ws');
  const authorization = headers.authorization ?? headers.Authorization;
  const client = createClient({ url: there.href, connectionParams: authorization ? { authorization } : {} });
  try {
    yield* client.iterate(params);
  } catch (error) {
    if (error instanceof CloseEvent) throw new Error(`The socket was closed: ${error.code} ${error.reason}`.trim());
    throw error;
  } finally {
    await client.dispose();
  }
}
