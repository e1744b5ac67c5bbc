/**
 * Live results that survive the network.
 *
 * One socket carries all subscriptions. Every payload has a cursor; when the connection breaks, each subscription goes on
 * `after` the last cursor it has seen. A state then shows what is true now, a feed tells what happened meanwhile; what can
 * not be told any more is said (`gap`).
 *
 * ```ts
 * const live = createLive({ url: "wss://mall.example/shop/graphql", token: () => session.token() });
 * const stop = live.watch<Progress>(
 *   { query: "subscription($id: ID!, $after: String) { groupBuyTeamProgress(id: $id, after: $after) { cursor gap seatsLeft expiresAt } }",
 *     variables: { id } },
 *   { next: (team) => show(team, live.clock.left(team.expiresAt)) },
 * );
 * ```
 *
 * The document declares a nullable `$after` that is used for the argument `after` and nothing else, and selects `cursor`
 * (and `gap`, if gaps matter).
 */
import { type Client, type ClientOptions, createClient } from "graphql-ws/client";
import { ServerClock } from "./clock.js";

export { ServerClock } from "./clock.js";

/** What every live payload may carry. */
export interface Frame {
  cursor?: string;
  gap?: boolean;
  serverTime?: string;
}

/** An operation with one root field. */
export interface Operation {
  query: string;
  operationName?: string;
  variables?: Record<string, unknown>;
}

/** Where results go. */
export interface Sink<T> {
  /** The state now, or one fact. `gap` says that something before it can not be told any more. */
  next(value: T, about: { gap: boolean; cursor: string | undefined }): void;
  /** It will not go on: the server refused it, or the connection can not be made. */
  error?(error: unknown): void;
  /** It is over. */
  complete?(): void;
}

/** How the connection is doing. */
export type State = "connecting" | "live" | "waiting";

export interface LiveOptions {
  /** `wss://…/shop/graphql` */
  url: string;
  /** The access token now; asked before every connection. Without one the caller is anonymous. */
  token?: () => string | undefined | Promise<string | undefined>;
  /** The language of titles and errors, e.g. `zh-CN`. */
  locale?: () => string;
  /** Told whenever the connection changes. */
  onState?: (state: State) => void;
  /** Another WebSocket: `ws` in older Node, `wechatSocket(wx)` in a mini-program. */
  webSocketImpl?: unknown;
  /** Milliseconds between pings; half of it without an answer and the connection is given up. */
  heartbeat?: number;
  /** Milliseconds before the n-th try to connect again; the first is 0. */
  wait?: (attempt: number) => number;
}

export interface Live {
  /** Watches until the returned function is called. */
  watch<T extends Frame>(operation: Operation, sink: Sink<T>): () => void;
  /** Keeps the live socket with a newer token of the same person. */
  renew(token: string): void;
  /** Connects again, for instance as somebody else; subscriptions go on. */
  restart(): void;
  /** Ends everything. */
  close(): void;
  /** The server's time. */
  readonly clock: ServerClock;
}

/** Something broke over there: 4500 is worth another try, unlike what graphql-ws takes it for. */
const INTERNAL = 4500;

export function createLive(options: LiveOptions): Live {
  const clock = new ServerClock();
  const heartbeat = options.heartbeat ?? 10_000;
  const wait = options.wait ?? backOff;
  let socket: WebSocket | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const give = async (attempt: number): Promise<void> => {
    options.onState?.("waiting");
    await sleep(wait(attempt));
  };
  const client: Client = createClient({
    url: options.url,
    lazy: true,
    lazyCloseTimeout: 1_000,
    keepAlive: heartbeat,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => !closed,
    retryWait: give,
    connectionParams: async () => {
      const token = await options.token?.();
      return { ...(token && { authorization: `Bearer ${token}` }), ...(options.locale && { locale: options.locale() }) };
    },
    ...(options.webSocketImpl ? { webSocketImpl: options.webSocketImpl } : {}),
    on: {
      connecting: () => options.onState?.("connecting"),
      opened: (opened) => {
        socket = opened as WebSocket;
      },
      connected: (_socket, payload) => {
        const { serverTime } = (payload ?? {}) as Frame;
        if (serverTime) clock.restart(serverTime);
        options.onState?.("live");
      },
      ping: (received) => {
        if (!received) silence = setTimeout(() => client.terminate(), heartbeat / 2);
      },
      pong: (received) => {
        if (received) clearTimeout(silence);
      },
      closed: () => {
        clearTimeout(silence);
        socket = undefined;
      },
    },
  } satisfies ClientOptions);

  return {
    clock,
    watch<T extends Frame>(operation: Operation, sink: Sink<T>): () => void {
      // graphql-ws sends this very object again when it connects again: it carries the cursor.
      const variables: Record<string, unknown> = { ...operation.variables };
      const payload = { ...operation, variables };
      let seen = variables.after as string | undefined;
      let stopped = false;
      let tries = 0;
      let unsubscribe = (): void => {};
      const begin = (): void => {
        unsubscribe = client.subscribe<Record<string, T>>(payload, {
          next: ({ data, errors }) => {
            const value = data && Object.values(data)[0];
            if (errors || !value) {
              stopped = true;
              unsubscribe();
              return sink.error?.(errors);
            }
            tries = 0;
            if (value.serverTime) clock.hear(value.serverTime);
            const gap = value.gap === true;
            // Who resumes is shown the state it has seen already, when nothing happened meanwhile.
            if (value.cursor !== undefined && value.cursor === seen && !gap) return;
            if (value.cursor !== undefined) {
              seen = value.cursor;
              variables.after = seen;
            }
            sink.next(value, { gap, cursor: seen });
          },
          error: (error) => {
            if (stopped || closed) return;
            if ((error as { code?: unknown } | null)?.code === INTERNAL) {
              tries += 1;
              void give(tries).then(() => stopped || closed || begin());
            } else {
              sink.error?.(error);
            }
          },
          complete: () => {
            if (!stopped) sink.complete?.();
          },
        });
      };
      begin();
      return () => {
        stopped = true;
        unsubscribe();
      };
    },
    renew(token: string): void {
      if (socket?.readyState === 1) socket.send(JSON.stringify({ type: "ping", payload: { authorization: `Bearer ${token}` } }));
    },
    restart(): void {
      socket?.close(4205, "Client restart");
    },
    close(): void {
      closed = true;
      clearTimeout(silence);
      // Closed while it connects, it waits for a connection that may never come; nobody waits for that.
      Promise.resolve(client.dispose()).catch(() => {});
    },
  };
}

/** At once, then longer and longer up to half a minute; never all clients at the same moment. */
function backOff(attempt: number): number {
  return attempt === 0 ? Math.random() * 500 : Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
