// Runs the official graphql-ws client, and its protocol's rules frame by frame: node ws.mjs URL [DOCUMENTS]
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { credentials, documents } from './documents.mjs';
import { expect, Report, target } from './report.mjs';

const url = target().replace(/^http/, 'ws');
const docs = documents();
const report = new Report('graphql-ws');

/** A bare socket that remembers what it is told. */
class Raw {
  #inbox = [];
  #waiting = [];

  constructor(protocols = ['graphql-transport-ws']) {
    this.socket = new WebSocket(url, protocols);
    this.opened = new Promise((resolve, reject) => {
      this.socket.on('open', resolve);
      this.socket.on('error', reject);
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.socket.on('message', (data) => {
      const message = JSON.parse(data);
      const next = this.#waiting.shift();
      if (next) next(message);
      else this.#inbox.push(message);
    });
  }

  send(message) {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  next() {
    const message = this.#inbox.shift();
    return message ? Promise.resolve(message) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next message of a type; others are skipped. */
  async until(type) {
    for (;;) {
      const message = await this.next();
      if (message.type === type) return message;
    }
  }

  static async open(protocols) {
    const raw = new Raw(protocols);
    await raw.opened;
    return raw;
  }

  static async ready() {
    const raw = await Raw.open();
    raw.send({ type: 'connection_init', payload: credentials(docs) });
    expect((await raw.next()).type, 'connection_ack', 'answer to connection_init');
    return raw;
  }
}

const subscribe = (id, payload) => ({ id, type: 'subscribe', payload });

/** A ready (or bare) socket that must be closed with `code` after `act`. */
const closes = (what, code, act, { ready = true, reason } = {}) =>
  report.check(`${code} ${what}`, async () => {
    const raw = ready ? await Raw.ready() : await Raw.open();
    await act(raw);
    const closed = await raw.closed;
    expect(closed.code, code, 'close code');
    if (reason) expect(closed.reason, reason, 'close reason');
  });

// --- the official client ---------------------------------------------------------------------------------------------
const client = createClient({ url, webSocketImpl: WebSocket, connectionParams: credentials(docs), retryAttempts: 0, lazy: true });

/** The results of an operation, at most `most`. */
async function results(payload, most = Infinity) {
  const seen = [];
  for await (const result of client.iterate(payload)) {
    seen.push(result);
    if (seen.length >= most) break;
  }
  return seen;
}

await report.check('a query answers once', async () => {
  const seen = await results(docs.query);
  expect([seen.length, seen[0].errors ?? null], [1, null], 'results and errors');
});
if (docs.mutation) {
  await report.check('a mutation answers once', async () => {
    const seen = await results(docs.mutation);
    expect([seen.length, seen[0].errors ?? null], [1, null], 'results and errors');
  });
}
if (docs.subscription) {
  await report.check('a subscription tells at once', async () => {
    const seen = await results(docs.subscription, 1);
    expect([seen.length, seen[0].errors ?? null], [1, null], 'results and errors');
  });
  await report.check('operations share one socket', async () => {
    const seen = await Promise.all([results(docs.subscription, 1), results(docs.query), results(docs.query)]);
    expect(seen.map((s) => s.length), [1, 1, 1], 'results');
  });
}
await report.check('an invalid document is an error, not a result', async () => {
  const failed = await results(docs.invalid).then(
    () => null,
    (errors) => errors,
  );
  expect(Array.isArray(failed) && failed.length > 0 && typeof failed[0].message === 'string', true, 'GraphQL errors');
});
await report.check('the client says goodbye with 1000', async () => {
  const other = createClient({ url, webSocketImpl: WebSocket, connectionParams: credentials(docs), lazy: false, retryAttempts: 0 });
  await new Promise((resolve) => other.on('connected', resolve));
  const closed = new Promise((resolve) => other.on('closed', resolve));
  await other.dispose();
  expect((await closed).code, 1000, 'close code');
});
await report.check('the client keeps alive by ping and pong', async () => {
  const other = createClient({ url, webSocketImpl: WebSocket, connectionParams: credentials(docs), lazy: false, retryAttempts: 0, keepAlive: 50 });
  await new Promise((resolve) => other.on('pong', (received) => received && resolve()));
  await other.dispose();
});
await client.dispose();

// --- the rules, frame by frame ---------------------------------------------------------------------------------------
await report.check('the subprotocol is echoed', async () => {
  const raw = await Raw.open(['graphql-ws', 'graphql-transport-ws']);
  expect(raw.socket.protocol, 'graphql-transport-ws', 'protocol');
  raw.socket.close();
});
await report.check('4406 without the subprotocol', async () => {
  const raw = await Raw.open([]);
  expect((await raw.closed).code, 4406, 'close code');
});
for (const [what, message] of [
  ['not JSON', '{'],
  ['not an object', '[]'],
  ['no type', {}],
  ['an unknown type', { type: 'start', id: '1' }],
  ["a server's type", { type: 'connection_ack' }],
  ['a payload that is no object', { type: 'ping', payload: 1 }],
  ['subscribe without id', { type: 'subscribe', payload: docs.query }],
  ['subscribe with an empty id', subscribe('', docs.query)],
  ['subscribe with a numeric id', subscribe(1, docs.query)],
  ['subscribe without payload', { id: '1', type: 'subscribe' }],
  ['subscribe without query', subscribe('1', {})],
  ['subscribe with wrong variables', subscribe('1', { ...docs.query, variables: 'x' })],
  ['complete without id', { type: 'complete' }],
  ['a binary frame', Buffer.from('{"type":"ping"}')],
]) {
  await closes(what, 4400, (raw) => raw.send(message));
}
await closes('subscribe before connection_init', 4401, (raw) => raw.send(subscribe('1', docs.query)), { ready: false, reason: 'Unauthorized' });
await closes('connection_init twice', 4429, (raw) => raw.send({ type: 'connection_init' }), { reason: 'Too many initialisation requests' });
if (docs.endless) {
  await closes(
    'an id in use',
    4409,
    (raw) => {
      raw.send(subscribe('same', docs.endless));
      raw.send(subscribe('same', docs.endless));
    },
    { reason: 'Subscriber for same already exists' },
  );
  await report.check('nothing after complete, and the id is free again', async () => {
    const raw = await Raw.ready();
    raw.send(subscribe('1', docs.endless));
    await raw.until('next');
    raw.send({ id: '1', type: 'complete' });
    raw.send(subscribe('1', docs.query));
    await raw.until('complete');
    raw.send({ type: 'ping' });
    expect((await raw.next()).type, 'pong', 'next message');
    raw.socket.close();
  });
}
await report.check('ping is answered before and after init, with its payload', async () => {
  const raw = await Raw.open();
  raw.send({ type: 'ping', payload: { n: 1 } });
  expect(await raw.next(), { payload: { n: 1 }, type: 'pong' }, 'pong');
  raw.send({ type: 'connection_init', payload: credentials(docs) });
  expect((await raw.next()).type, 'connection_ack', 'ack');
  raw.send({ type: 'ping' });
  expect(await raw.next(), { type: 'pong' }, 'pong');
  raw.socket.close();
});
await report.check('an unsolicited pong and an unknown complete are ignored', async () => {
  const raw = await Raw.ready();
  raw.send({ type: 'pong' });
  raw.send({ id: 'nobody', type: 'complete' });
  raw.send(subscribe('1', docs.query));
  expect((await raw.next()).type, 'next', 'message');
  expect(await raw.next(), { id: '1', type: 'complete' }, 'message');
  raw.socket.close();
});
await report.check('error ends the operation without complete, and its id is free', async () => {
  const raw = await Raw.ready();
  raw.send(subscribe('1', docs.invalid));
  const error = await raw.next();
  expect([error.type, error.id, Array.isArray(error.payload)], ['error', '1', true], 'error');
  raw.send(subscribe('1', docs.query));
  expect((await raw.next()).type, 'next', 'message after error');
  raw.socket.close();
});
await report.check('an id is echoed as it came', async () => {
  const raw = await Raw.ready();
  const id = '"\\ 团\n\u2028</script>';
  raw.send(subscribe(id, docs.query));
  expect((await raw.next()).id, id, 'id');
  raw.socket.close();
});
await report.check('4408 without connection_init', async () => {
  const raw = await Raw.open();
  const closed = await raw.closed;
  expect([closed.code, closed.reason], [4408, 'Connection initialisation timeout'], 'close');
}, 30_000);
report.finish(25);
