// The documents to use: JSON in the second argument or in DOCUMENTS, with `query`, `invalid`, `subscription` (which must
// tell something at once) and, if there is one, `mutation`; `token` authenticates. Each may be a text or
// {query, variables, operationName}.

export function documents() {
  const given = JSON.parse(process.argv[3] ?? process.env.DOCUMENTS ?? '{}');
  const all = { query: '{ __typename }', invalid: '{ thereIsNoSuchField }', ...given };
  for (const [name, document] of Object.entries(all)) {
    if (name !== 'token' && typeof document === 'string') all[name] = { query: document };
  }
  return all;
}

/** Credentials as HTTP headers or as `connection_init` payload. */
export function credentials({ token }) {
  return token ? { authorization: `Bearer ${token}` } : {};
}
