// Who is signed in.
//
// The access token lives in memory only: it is worth the most and dies with the page. The refresh token lives in
// sessionStorage, so a reload keeps you signed in, closing the tab signs you out, and no two tabs share one: refresh
// tokens rotate, and using an old one twice looks like theft and ends the session.
import { useSyncExternalStore } from "react";
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
  mutation StaffSessionRefresh($input: StaffSessionRefreshInput!) {
    staffSessionRefresh(input: $input) {
      session { accessToken accessExpiresAt refreshToken refreshExpiresAt }
      userErrors { code message }
    }
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

/** Leaves on purpose: the server is told (and forgets the refresh token), but is not waited for. */
export function signOut() {
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
  const { staffSessionRefresh } = await send(refreshDocument, { input: { refreshToken: refresh } }, undefined);
  if (staffSessionRefresh.session) {
    begin(staffSessionRefresh.session);
    return staffSessionRefresh.session.accessToken;
  }
  end("expired");
  throw new RequestFailed("UNAUTHENTICATED", staffSessionRefresh.userErrors[0]?.message ?? "");
}

function lifetime(tokens: Tokens): number {
  try {
    const payload = tokens.accessToken.split(".")[1] ?? "";
    const claims = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    if (claims.exp > claims.iat) return (claims.exp - claims.iat) * 1000;
  } catch {
    // an opaque token says nothing; the answer's own time has to do
  }
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
