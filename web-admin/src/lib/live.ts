// Live data: one socket for the whole back office, and a hook that keeps one subscription alive through anything.
//
// The server's first frame is the state as it is, each later one a change; every frame has a cursor. When the socket
// drops, the subscription starts again `after` the last cursor, so nothing is missed, and if the server can no longer
// replay from there it says so (`gap`) and sends the fresh state instead.
import { type Client, createClient } from "graphql-ws/client";
import i18next from "i18next";
import { useEffect, useState, useSyncExternalStore } from "react";
import type { TypedDocumentString } from "@/gql/graphql";
import { endpoint, RequestFailed } from "@/lib/graphql";
import { accessToken, end, forgetAccess, onRenewed } from "@/lib/session";

export type Connection = { state: "connecting" | "live" | "reconnecting" | "stale"; since: number };

/** Longer than this without a working socket and what is on screen may be old: say so. */
const STALE_AFTER = 10_000;
/** A ping this often; no answer within PONG_WITHIN means the socket is dead, whatever the browser believes. */
const PING_EVERY = 10_000;
const PONG_WITHIN = 5_000;
/** Close codes by which the server refuses our token: 4401 not authenticated, 4403 refused. */
const REFUSED = [4401, 4403];

let connection: Connection = { state: "connecting", since: Date.now() };
let client: Client | undefined;
const listeners = new Set<() => void>();

function now(state: Connection["state"]) {
  if (connection.state === state) return;
  // Going stale keeps the moment the connection was lost: that is how old the picture is.
  connection = { state, since: state === "stale" ? connection.since : Date.now() };
  for (const listener of listeners) listener();
}

const back = (attempt: number) => Math.min(15_000, 300 * 2 ** attempt) * (0.5 + Math.random() / 2);
const pause = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis));

function start(): Client {
  let socket: WebSocket | undefined;
  let dead: ReturnType<typeof setTimeout> | undefined;
  let stale: ReturnType<typeof setTimeout> | undefined;
  let renewal: ReturnType<typeof setInterval> | undefined;
  const created = createClient({
    url: () => new URL(endpoint, location.href.replace(/^http/, "ws")).href,
    connectionParams: async () => ({
      authorization: `Bearer ${await accessToken()}`,
      locale: i18next.language,
    }),
    keepAlive: PING_EVERY,
    connectionAckWaitTimeout: 10_000,
    lazyCloseTimeout: 3_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (attempt) => Promise.race([pause(back(attempt)), online()]),
    shouldRetry: (why) => !(why instanceof RequestFailed && why.code === "UNAUTHENTICATED"),
    on: {
      connected: (opened) => {
        socket = opened as WebSocket;
        clearTimeout(stale);
        stale = undefined;
        now("live");
        // Asking for the token now and then renews it before it expires, and `onRenewed` hands it to the socket.
        clearInterval(renewal);
        renewal = setInterval(() => accessToken().catch(() => {}), PING_EVERY);
      },
      ping: (received) => {
        if (!received) dead = setTimeout(() => created.terminate(), PONG_WITHIN);
      },
      pong: (received) => {
        if (received) clearTimeout(dead);
      },
      closed: (event) => {
        clearTimeout(dead);
        clearInterval(renewal);
        socket = undefined;
        if (REFUSED.includes((event as CloseEvent).code)) forgetAccess();
        if ((event as CloseEvent).code === 1000) return;
        if (connection.state === "live") now("reconnecting");
        stale ??= setTimeout(() => now("stale"), STALE_AFTER);
      },
    },
  });
  // The server speaks the language the socket was opened in.
  i18next.on("languageChanged", () => created.terminate());
  onRenewed((token) => {
    if (socket?.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ type: "ping", payload: { authorization: `Bearer ${token}` } }));
    }
  });
  return created;
}

/** Resolves when the browser says the network is back, to try again at once. */
const online = () => new Promise<void>((resolve) => addEventListener("online", () => resolve(), { once: true }));

/** How the socket is doing. */
export const useConnection = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => connection,
  );

/** What every live frame carries beside its value. */
export type Frame = { cursor: string; gap: boolean; serverTime: string };
export type Live<F> = {
  frame?: F /** server clock − this clock */;
  offset: number;
  error?: RequestFailed;
  ended: boolean;
};

/** Subscribes as long as the component is mounted. `pick` takes the frame out of the answer. */
export function useLive<R, V extends { after?: string | null }, F extends Frame>(
  document: TypedDocumentString<R, V>,
  initial: V,
  pick: (answer: R) => F,
  onFrame?: (frame: F, previous: F | undefined) => void,
): Live<F> {
  const [live, setLive] = useState<Live<F>>({ offset: 0, ended: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is subscribed to matters, not who asks
  useEffect(() => {
    client ??= start();
    const variables = { ...initial };
    let previous: F | undefined;
    let stop = () => {};
    let over = false;
    let attempt = 0;
    setLive({ offset: 0, ended: false });
    const subscribe = () => {
      // The client sends this same object again after a reconnect: moving `after` in it is what resumes.
      stop = (client as Client).subscribe<R>(
        { query: document.toString(), variables },
        {
          next({ data, errors }) {
            if (!data) return fail(errors?.[0]);
            attempt = 0;
            const frame = pick(data);
            variables.after = frame.cursor;
            // After a gap the picture is new as a whole: comparing it with the old one would tell old news as new.
            onFrame?.(frame, frame.gap ? undefined : previous);
            previous = frame;
            setLive({ frame, offset: Date.parse(frame.serverTime) - Date.now(), ended: false });
          },
          error(why) {
            if (Array.isArray(why)) return fail(why[0]);
            if (why instanceof RequestFailed) return;
            const code = (why as CloseEvent).code;
            if (code === 4401) forgetAccess();
            if (!over) setTimeout(() => over || subscribe(), back(attempt++));
          },
          complete: () => over || setLive((last) => ({ ...last, ended: true })),
        },
      );
    };
    const fail = (fault?: { message: string; extensions?: { code?: unknown; requestId?: unknown } }) => {
      const code = String(fault?.extensions?.code ?? "INTERNAL");
      if (code === "UNAUTHENTICATED") end("expired");
      const error = new RequestFailed(code, fault?.message ?? "", fault?.extensions?.requestId as string | undefined);
      setLive((last) => ({ ...last, error }));
    };
    subscribe();
    return () => {
      over = true;
      stop();
    };
  }, [document, JSON.stringify(initial)]);
  return live;
}
