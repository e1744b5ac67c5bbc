import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import WebSocket from "ws";

import { createLive, ServerClock } from "../dist/index.js";
import { wechatSocket } from "../dist/wechat.js";
import { Network, startServer } from "./server.mjs";

const NUMBER = "subscription($after: String) { number(after: $after) { cursor gap value serverTime } }";
const GROWTH = "subscription($after: String) { growth(after: $after) { cursor gap value } }";

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

/** Collects what a subscription is told, and waits for what it will be. */
class Seen {
  frames = [];
  errors = [];
  #waiting = [];

  sink = {
    next: (value, about) => {
      this.frames.push({ ...value, ...about });
      this.#waiting = this.#waiting.filter((wait) => !wait());
    },
    error: (error) => this.errors.push(error),
  };

  until(fits) {
    return new Promise((resolve) => {
      const look = () => this.frames.some(fits) && (resolve(), true);
      if (!look()) this.#waiting.push(look);
    });
  }

  get values() {
    return this.frames.map((frame) => frame.value);
  }
}

async function online(run, options = {}) {
  const network = await Network.to(server);
  const states = [];
  const live = createLive({
    url: network.url,
    webSocketImpl: WebSocket,
    wait: () => 10,
    onState: (state) => states.push(state),
    ...options,
  });
  try {
    await run({ network, live, states });
  } finally {
    live.close();
    network.close();
  }
}

test("a feed is told every fact once, however often the network is cut", () =>
  online(async ({ network, live }) => {
    const seen = new Seen();
    live.watch({ query: GROWTH }, seen.sink);
    await seen.until(() => true);
    const start = seen.values[0];
    let now = start;
    for (let round = 0; round < 25; round++) {
      now = await server.grow(1 + (round % 5));
      if (round % 3 === 0) network.cut();
      if (round % 5 === 1) network.cutWithin();
      if (round % 4 === 0) await new Promise((resolve) => setTimeout(resolve, round));
    }
    await seen.until(({ value }) => value === now);
    assert.deepEqual(seen.values, Array.from({ length: now - start + 1 }, (_, n) => start + n));
    assert.ok(seen.frames.every(({ gap }) => !gap));
    assert.deepEqual(seen.errors, []);
  }));

test("what was forgotten while away is a gap", () =>
  online(async ({ network, live, states }) => {
    const seen = new Seen();
    live.watch({ query: GROWTH }, seen.sink);
    await seen.until(() => true);
    network.down();
    const now = await server.grow(200);
    network.up();
    await seen.until(({ value }) => value === now);
    const last = seen.frames.at(-1);
    assert.equal(seen.frames.length, 2);
    assert.deepEqual({ value: last.value, gap: last.gap }, { value: now, gap: true });
    assert.ok(states.includes("waiting") && states.at(-1) === "live", states.join());
  }));

test("a state shows the latest after a cut, and nothing twice", () =>
  online(async ({ network, live }) => {
    const seen = new Seen();
    live.watch({ query: NUMBER }, seen.sink);
    await seen.until(() => true);
    network.cut();
    await seen.until(() => true);
    const now = await server.grow(3);
    await seen.until(({ value }) => value === now);
    network.cut();
    const then = await server.grow(1);
    await seen.until(({ value }) => value === then);
    assert.equal(new Set(seen.values).size, seen.values.length, seen.values.join());
  }));

test("a frozen connection is noticed by its silence", () =>
  online(
    async ({ network, live }) => {
      const seen = new Seen();
      live.watch({ query: NUMBER }, seen.sink);
      await seen.until(() => true);
      network.freeze();
      const now = await server.grow(1);
      await seen.until(({ value }) => value === now);
    },
    { heartbeat: 100 },
  ));

test("one socket carries everything and closes with the last", () =>
  online(async ({ network, live }) => {
    const all = Array.from({ length: 20 }, () => new Seen());
    const stops = all.map((seen, n) => live.watch({ query: n % 2 ? NUMBER : GROWTH }, seen.sink));
    await Promise.all(all.map((seen) => seen.until(() => true)));
    assert.equal(network.connections, 1);
    const now = await server.grow(1);
    await Promise.all(all.map((seen) => seen.until(({ value }) => value === now)));
    for (const stop of stops) stop();
    while (network.connections > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }));

test("a refusal ends one subscription, not the others", () =>
  online(async ({ live }) => {
    const [bad, good] = [new Seen(), new Seen()];
    live.watch({ query: "subscription { nothing }" }, bad.sink);
    live.watch({ query: NUMBER }, good.sink);
    await good.until(() => true);
    while (bad.errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(bad.errors[0][0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  }));

test("the server's time comes with the connection", () =>
  online(async ({ live }) => {
    const seen = new Seen();
    live.watch({ query: NUMBER }, seen.sink);
    await seen.until(() => true);
    assert.ok(Math.abs(live.clock.now() - Date.now()) < 2_000);
  }));

test("an old sample does not move the clock back, a new connection may", () => {
  let local = 1_000_000;
  const clock = new ServerClock(() => local);
  const at = (milliseconds) => new Date(milliseconds).toISOString();
  clock.restart(at(1_500_000));
  clock.hear(at(1_200_000));
  assert.equal(clock.now(), 1_500_000);
  assert.equal(clock.left(at(1_502_500)), 2_500);
  clock.hear("nonsense");
  local += 1_000;
  assert.equal(clock.now(), 1_501_000);
  clock.restart(at(1_400_000));
  assert.equal(clock.now(), 1_400_000);
  const ticks = [];
  clock.countdown(at(1_399_000), (left) => ticks.push(left));
  assert.deepEqual(ticks, [0]);
});

test("a countdown ticks at full seconds and ends with 0", async () => {
  const clock = new ServerClock();
  const ticks = await new Promise((resolve) => {
    const seen = [];
    clock.countdown(Date.now() + 1_150, (left) => {
      seen.push(left);
      if (left === 0) resolve(seen);
    });
  });
  assert.equal(ticks.at(-1), 0);
  assert.ok(ticks.length >= 3 && ticks[0] > 1_000, ticks.join());
});

/** `wx` as a mini-program sees it, over a real socket. */
const wx = {
  connectSocket({ url, protocols, fail }) {
    const socket = new WebSocket(url, protocols);
    const closed = [];
    socket.on("error", (error) => fail?.({ errMsg: error.message }));
    return {
      onOpen: (listener) => socket.on("open", () => listener()),
      onMessage: (listener) => socket.on("message", (data) => listener({ data: data.toString() })),
      onClose: (listener) => {
        closed.push(listener);
        socket.on("close", (code, reason) => listener({ code, reason: reason.toString() }));
      },
      onError: (listener) => socket.on("error", (error) => listener({ errMsg: error.message })),
      send: ({ data, fail: failed }) => socket.send(data, (error) => error && failed?.(error)),
      close: ({ code, reason }) => socket.close(code, reason),
    };
  },
};

test("it works through the socket of a mini-program, too", () =>
  online(
    async ({ network, live }) => {
      const seen = new Seen();
      live.watch({ query: GROWTH }, seen.sink);
      await seen.until(() => true);
      const start = seen.values[0];
      let now = start;
      for (let round = 0; round < 5; round++) {
        now = await server.grow(2);
        network.cut();
      }
      await seen.until(({ value }) => value === now);
      assert.deepEqual(seen.values, Array.from({ length: now - start + 1 }, (_, n) => start + n));
    },
    { webSocketImpl: wechatSocket(wx) },
  ));

test("closing while it connects leaves nothing behind", async () => {
  let failed;
  const failure = new Promise((resolve) => {
    failed = resolve;
  });
  class Watched extends WebSocket {
    constructor(...at) {
      super(...at);
      this.addEventListener("close", failed);
    }
  }
  let connects;
  const connecting = new Promise((resolve) => {
    connects = resolve;
  });
  const unhandled = [];
  const note = (error) => unhandled.push(error);
  process.on("unhandledRejection", note);
  // Nobody listens at this port: the connection fails after the client is closed.
  const live = createLive({ url: "ws://127.0.0.1:9", webSocketImpl: Watched, onState: connects });
  live.watch({ query: GROWTH }, { next: () => {} });
  await connecting;
  live.close();
  await failure;
  await new Promise(setImmediate);
  process.off("unhandledRejection", note);
  assert.deepEqual(unhandled, []);
});
