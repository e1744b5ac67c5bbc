import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

type Message = { type: string; id?: string; payload?: { variables?: unknown; authorization?: string } & object };

/** The other end of the socket: takes connections, remembers what arrives, says what a test wants it to say. */
class FakeSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: Message[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number; reason: string; wasClean: boolean }) => void;
  onerror?: (event: unknown) => void;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
    setTimeout(() => {
      this.readyState = 1;
      this.onopen?.();
    });
  }
  send(text: string) {
    const message: Message = JSON.parse(text);
    this.sent.push(message);
    if (message.type === "connection_init") this.say({ type: "connection_ack" });
  }
  say(message: object) {
    setTimeout(() => this.onmessage?.({ data: JSON.stringify(message) }));
  }
  close(code = 1000, reason = "") {
    this.readyState = 3;
    setTimeout(() => this.onclose?.({ code, reason, wasClean: true }));
  }
  get subscribed() {
    return this.sent.filter(({ type }) => type === "subscribe");
  }
}

const token = vi.hoisted(() => ({ current: "t1", listener: (_: string) => {} }));
vi.mock("@/lib/session", () => ({
  accessToken: async () => token.current,
  forgetAccess: () => {
    token.current = "t2";
  },
  end: () => {},
  onRenewed: (listener: (token: string) => void) => {
    token.listener = listener;
  },
}));

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.resetModules();
  FakeSocket.all = [];
  token.current = "t1";
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const passes = (millis: number) =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(millis);
  });
const frame = (cursor: string, seats: number, gap = false) => ({
  team: { cursor, gap, seats, serverTime: new Date(1_005_000).toISOString() },
});

const document = { toString: () => "subscription {…}" } as never;

async function watching() {
  const { useLive, useConnection } = await import("./live");
  const seen: [number, number | undefined][] = [];
  const rendered = renderHook(() => ({
    connection: useConnection(),
    live: useLive(
      document,
      { id: "team-1" } as { id: string; after?: string },
      (answer: ReturnType<typeof frame>) => answer.team,
      (now, before) => seen.push([now.seats, before?.seats]),
    ),
  }));
  await passes(50);
  const [socket] = FakeSocket.all;
  if (!socket) throw new Error("no connection was made");
  const id = socket.subscribed[0]?.id;
  socket.say({ id, type: "next", payload: { data: frame("e1:7", 1) } });
  await passes(10);
  return { ...rendered, seen, socket, id };
}
const last = () => FakeSocket.all.at(-1) as FakeSocket;

test("it signs in on the socket and shows the first frame, by the server's clock", async () => {
  const { result, socket } = await watching();
  expect(socket.sent[0]).toMatchObject({ type: "connection_init", payload: { authorization: "Bearer t1" } });
  expect(result.current.live.frame).toMatchObject({ seats: 1 });
  expect(result.current.connection.state).toBe("live");
  expect(result.current.live.offset).toBeGreaterThan(4_000);
});

test("after a broken connection it resumes behind the last cursor", async () => {
  const { result, socket, id, seen } = await watching();
  socket.say({ id, type: "next", payload: { data: frame("e1:8", 2) } });
  await passes(10);
  act(() => socket.close(1006));
  await passes(5);
  expect(result.current.connection.state).toBe("reconnecting");
  await passes(1_000);
  expect(last()).not.toBe(socket);
  expect(last().subscribed[0]?.payload?.variables).toEqual({ id: "team-1", after: "e1:8" });
  last().say({ id, type: "next", payload: { data: frame("e1:9", 3) } });
  await passes(10);
  expect(result.current.connection.state).toBe("live");
  expect(result.current.live.frame).toMatchObject({ seats: 3, gap: false });
  expect(seen).toEqual([
    [1, undefined],
    [2, 1],
    [3, 2],
  ]);
});

test("a hole is told, and what is seen after it is not compared with before", async () => {
  const { result, socket, id, seen } = await watching();
  socket.say({ id, type: "next", payload: { data: frame("e2:1", 3, true) } });
  await passes(10);
  expect(result.current.live.frame).toMatchObject({ gap: true, seats: 3 });
  expect(seen.at(-1)).toEqual([3, undefined]);
});

test("a socket that stays down goes stale, since when it was lost", async () => {
  const { result, socket } = await watching();
  const lostAt = Date.now();
  const silent = vi.spyOn(FakeSocket.prototype, "send").mockImplementation(() => {});
  act(() => socket.close(1006));
  await passes(11_000);
  expect(result.current.connection.state).toBe("stale");
  expect(result.current.connection.since - lostAt).toBeLessThan(100);
  silent.mockRestore();
});

test("a socket that does not answer a ping is given up", async () => {
  const { socket } = await watching();
  await passes(10_050);
  expect(socket.sent.some(({ type }) => type === "ping")).toBe(true);
  await passes(6_000);
  expect(FakeSocket.all.length).toBeGreaterThan(1);
});

test("a renewed token is handed to the live socket", async () => {
  const { socket } = await watching();
  token.listener("t9");
  expect(socket.sent.at(-1)).toEqual({ type: "ping", payload: { authorization: "Bearer t9" } });
});

test("refused for its token it comes back with another", async () => {
  const { socket, result } = await watching();
  act(() => socket.close(4401, "Unauthorized"));
  await passes(2_000);
  expect(last()).not.toBe(socket);
  expect(last().sent[0]).toMatchObject({ payload: { authorization: "Bearer t2" } });
  expect(last().subscribed[0]?.payload?.variables).toMatchObject({ after: "e1:7" });
  expect(result.current.connection.state).toBe("live");
});

test("leaving the page ends the subscription", async () => {
  const { socket, unmount, id } = await watching();
  unmount();
  expect(socket.sent.at(-1)).toEqual({ id, type: "complete" });
});
