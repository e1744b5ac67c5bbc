// GraphQL over HTTP and over a socket (graphql-transport-ws), small enough to read.
//
// Every live frame carries a cursor. After a broken connection the page subscribes again `after` the last cursor it has
// seen, so nothing that happened meanwhile is missed.

export const endpoint = "/shop/graphql";

/** Who asks, and in which language; the application fills this in. */
export const context = { token: async () => undefined, language: () => "zh-CN" };

export class Failed extends Error {
  constructor(code, message, requestId) {
    super(message);
    Object.assign(this, { code, requestId });
  }
}

export async function ask(query, variables = {}) {
  const token = await context.token();
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json",
      "accept-language": context.language(),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  }).catch((error) => {
    throw new Failed("NETWORK", String(error));
  });
  const requestId = response.headers.get("x-request-id");
  const { data, errors } = await response.json().catch(() => ({}));
  if (errors?.length) throw new Failed(errors[0].extensions?.code, errors[0].message, errors[0].extensions?.requestId ?? requestId);
  if (!data) throw new Failed(`HTTP_${response.status}`, response.statusText, requestId);
  return data;
}

const STALE_AFTER = 10_000;
const PING_EVERY = 10_000;
const PONG_WITHIN = 5_000;

/** One socket for all subscriptions of the page. `onState("live" | "reconnecting" | "stale", since)`. */
export class Live {
  #running = new Map(); // id → { query, variables, field, frame, failed }
  #socket;
  #token; // the one the socket was opened with, or renewed by
  #acknowledged = false;
  #attempt = 0;
  #ids = 0;
  #timers = {};
  #lost = Date.now();

  constructor(onState) {
    this.onState = onState;
    addEventListener("online", () => this.#retry(0));
  }

  /** Calls `frame(value)` with each answer's `field` until the returned function is called. */
  subscribe(query, variables, field, frame, failed = () => {}) {
    const id = String(++this.#ids);
    this.#running.set(id, { query, variables: { ...variables }, field, frame, failed });
    if (this.#acknowledged) this.#begin(id);
    else this.#connect();
    return () => {
      if (!this.#running.delete(id)) return;
      if (this.#acknowledged) this.#send({ id, type: "complete" });
      if (this.#running.size === 0) this.#socket?.close(1000);
    };
  }

  /** Connects anew, for instance as somebody else. */
  restart() {
    this.#socket?.close(4205, "signed in");
  }

  #send = (message) => this.#socket?.readyState === WebSocket.OPEN && this.#socket.send(JSON.stringify(message));
  #begin(id) {
    const { query, variables } = this.#running.get(id);
    this.#send({ id, type: "subscribe", payload: { query, variables } });
  }

  #connect() {
    if (this.#socket || this.#running.size === 0) return;
    clearTimeout(this.#timers.retry);
    const socket = new WebSocket(new URL(endpoint, location.href.replace(/^http/, "ws")), "graphql-transport-ws");
    this.#socket = socket;
    socket.onopen = async () => {
      const token = await context.token().catch(() => undefined);
      this.#token = token;
      const authorization = token && { authorization: `Bearer ${token}` };
      this.#send({ type: "connection_init", payload: { ...authorization, locale: context.language() } });
    };
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = () => {
      if (socket !== this.#socket) return;
      this.#socket = undefined;
      if (this.#acknowledged) this.#lost = Date.now();
      this.#acknowledged = false;
      clearTimeout(this.#timers.dead);
      clearInterval(this.#timers.ping);
      if (this.#running.size === 0) return;
      this.onState("reconnecting", this.#lost);
      this.#timers.stale ??= setTimeout(() => this.onState("stale", this.#lost), STALE_AFTER);
      this.#retry(Math.min(15_000, 300 * 2 ** this.#attempt++) * (0.5 + Math.random() / 2));
    };
  }

  #retry(delay) {
    clearTimeout(this.#timers.retry);
    this.#timers.retry = setTimeout(() => this.#connect(), delay);
  }

  #receive({ type, id, payload }) {
    const subscription = this.#running.get(id);
    if (type === "connection_ack") {
      this.#acknowledged = true;
      this.#attempt = 0;
      clearTimeout(this.#timers.stale);
      this.#timers.stale = undefined;
      this.#timers.ping = setInterval(() => this.#ping(), PING_EVERY);
      for (const key of this.#running.keys()) this.#begin(key);
      this.onState("live", Date.now());
    } else if (type === "ping") {
      this.#send({ type: "pong" });
    } else if (type === "pong") {
      clearTimeout(this.#timers.dead);
    } else if (type === "next" && subscription) {
      const value = payload.data?.[subscription.field];
      if (!value) return this.#fail(id, payload.errors?.[0]);
      subscription.variables.after = value.cursor;
      subscription.frame(value);
    } else if (type === "error") {
      this.#fail(id, payload[0]);
    } else if (type === "complete") {
      this.#running.delete(id);
    }
  }

  /** Asks whether the other end is there; a token that is newer than the socket's goes with it and keeps it open. */
  async #ping() {
    const socket = this.#socket;
    const token = await context.token().catch(() => undefined);
    if (socket !== this.#socket) return;
    const renewed = token && token !== this.#token;
    this.#send({ type: "ping", ...(renewed && { payload: { authorization: `Bearer ${token}` } }) });
    this.#token = token;
    this.#timers.dead = setTimeout(() => socket.close(4499, "no pong"), PONG_WITHIN);
  }

  #fail(id, error) {
    const subscription = this.#running.get(id);
    this.#running.delete(id);
    subscription?.failed(new Failed(error?.extensions?.code, error?.message ?? "", error?.extensions?.requestId));
  }
}
