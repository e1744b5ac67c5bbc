// Who is signed in.
//
// The access token lives in memory only: it is worth the most and dies with the page. The refresh token lives in
// sessionStorage, so a reload keeps you signed in, closing the tab signs you out, and no two tabs share one: refresh
// tokens rotate, and using an old one twice looks like theft and ends the session.
import { useSyncExternalStore } from "react";
import { dropDrafts } from "@/lib/draft";
import { graphql, RequestFailed, send } from "@/lib/graphql";

export type Tokens = {
  accessToken: string;
  accessExpiresAt: string;
  refreshToken: string;
  refreshExpiresAt: string;
};

/** Why there is no session (any more). */
export type Ended = "never" | "signed-out" | "expired";

const refreshDocument = graphql(`
  mutation SessionRefresh($input: SessionRefreshInput!) {
    sessionRefresh(input: $input) {
      session { accessToken accessExpiresAt refreshToken refreshExpiresAt }
      userErrors { code message }
    }
  }
`);
const revokeDocument = graphql(`
  mutation SessionRevoke($input: SessionRevokeInput!) {
    sessionRevoke(input: $input) { session { id } }
  }
`);

/** An access token is replaced this long before it expires. */
const EARLY = 30_000;
const KEY = "liebian.admin.refresh";
const TAB = "liebian.admin.tab";

let refresh = sessionStorage.getItem(KEY);
let access: { token: string; until: number } | undefined;
let ended: Ended = "never";
let refreshing: Promise<string> | undefined;
const listeners = new Set<() => void>();
const renewed = new Set<(token: string) => void>();

const tell = () => {
  for (const listener of listeners) listener();
};

/** Starts a session with fresh tokens. */
export function begin(tokens: Tokens) {
  refresh = tokens.refreshToken;
  sessionStorage.setItem(KEY, refresh);
  // The lifetime is measured on this machine's clock, which may be wrong; the token itself says how long it lives.
  access = { token: tokens.accessToken, until: Date.now() + lifetime(tokens) };
  for (const listener of renewed) listener(tokens.accessToken);
  tell();
}

/** Ends the session on this side. */
export function end(why: Ended) {
  refresh = null;
  access = undefined;
  ended = why;
  sessionStorage.removeItem(KEY);
  tell();
}

/** Leaves on purpose: the server ends the session too, but nobody waits for it. */
export function signOut() {
  const revoked = accessToken().then((token) => {
    const id = claims(token).sid;
    return id ? send(revokeDocument, { input: { id } }, token) : undefined;
  });
  revoked.catch(() => {});
  dropDrafts();
  end("signed-out");
}

/** Drops an access token the server refused, so that the next request brings a new one. */
export const forgetAccess = () => {
  access = undefined;
};

export const signedIn = () => refresh !== null;
export const whyEnded = () => ended;

/** Called with each new access token; live sockets pass it on. */
export function onRenewed(listener: (token: string) => void) {
  renewed.add(listener);
  return () => renewed.delete(listener);
}

/** A token with some life left, refreshed when needed; many callers share one refresh. */
export async function accessToken(): Promise<string> {
  if (access && access.until - EARLY > Date.now()) return access.token;
  refreshing ??= rotate().finally(() => {
    refreshing = undefined;
  });
  return refreshing;
}

async function rotate(): Promise<string> {
  if (!refresh) throw new RequestFailed("UNAUTHENTICATED", "not signed in");
  const { sessionRefresh } = await send(refreshDocument, { input: { refreshToken: refresh } }, undefined);
  if (sessionRefresh.session) {
    begin(sessionRefresh.session);
    return sessionRefresh.session.accessToken;
  }
  end("expired");
  throw new RequestFailed("UNAUTHENTICATED", sessionRefresh.userErrors[0]?.message ?? "");
}

/** What the access token says of itself; nothing when it is opaque. */
function claims(token: string): { sid?: string; iat?: number; exp?: number } {
  try {
    return JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return {};
  }
}

function lifetime(tokens: Tokens): number {
  const { iat = 0, exp = 0 } = claims(tokens.accessToken);
  if (exp > iat) return (exp - iat) * 1000;
  return Math.max(Date.parse(tokens.accessExpiresAt) - Date.now(), 2 * EARLY);
}

/** Whether somebody is signed in, as a value that re-renders. */
export const useSignedIn = () =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, signedIn);

/**
 * "Duplicate tab" copies sessionStorage and with it the refresh token. Each tab holds a lock named after its own id for
 * as long as it lives; a tab that cannot get the lock of its id is a copy: it starts signed out, under a new id.
 */
export async function disownCopiedSession() {
  if (!navigator.locks) return;
  const known = sessionStorage.getItem(TAB);
  if (known && (await hold(known))) return;
  if (known) end("never");
  const id = crypto.randomUUID();
  sessionStorage.setItem(TAB, id);
  await hold(id);
}

/** Takes the lock until the page goes; a page that is just being left may still have it for a moment. */
const hold = (id: string) =>
  new Promise<boolean>((resolve) => {
    navigator.locks
      .request(`${TAB}.${id}`, { signal: AbortSignal.timeout(1000) }, () => {
        resolve(true);
        return new Promise(() => {});
      })
      .catch(() => resolve(false));
  });
