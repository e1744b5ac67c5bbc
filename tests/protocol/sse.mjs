// Runs the official graphql-sse client in distinct connections mode: node sse.mjs URL [DOCUMENTS]
import { createClient } from 'graphql-sse';

import { credentials, documents } from './documents.mjs';
import { expect, Report, target } from './report.mjs';

const url = target();
const docs = documents();
const report = new Report('graphql-sse');
const client = createClient({ url, headers: credentials(docs), retryAttempts: 0 });

/** The results of an operation, at most `most`. */
async function results(payload, most = Infinity) {
  const seen = [];
  for await (const result of client.iterate(payload)) {
    seen.push(result);
    if (seen.length >= most) break;
  }
  return seen;
}

await report.check('a query answers once and completes', async () => {
  const seen = await results(docs.query);
  expect([seen.length, seen[0].errors ?? null], [1, null], 'results and errors');
});
if (docs.mutation) {
  await report.check('a mutation answers once and completes', async () => {
    const seen = await results(docs.mutation);
    expect([seen.length, seen[0].errors ?? null], [1, null], 'results and errors');
  });
}
if (docs.subscription) {
  await report.check('a subscription tells at once', async () => {
    const seen = await results(docs.subscription, 1);
    expect([seen.length, seen[0].errors ?? null], [1, null], 'results and errors');
  });
}
await report.check('what is invalid is told as an event', async () => {
  const seen = await results(docs.invalid);
  expect([seen.length, Array.isArray(seen[0].errors), 'data' in seen[0]], [1, true, false], 'one result with errors');
});
await report.check('a stream is a stream', async () => {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', ...credentials(docs) };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(docs.query) });
  expect([response.status, response.headers.get('content-type')], [200, 'text/event-stream'], 'answer');
  const text = await response.text();
  expect(text.endsWith('event: complete\ndata: \n\n'), true, 'the end');
});
await report.check('EventSource can ask by GET', async () => {
  const there = new URL(url);
  there.searchParams.set('query', docs.query.query);
  const response = await fetch(there, { headers: { accept: 'text/event-stream', ...credentials(docs) } });
  expect((await response.text()).startsWith('event: next\ndata: {'), true, 'the first event');
});
report.finish(4);
