import { beforeEach, expect, test, vi } from "vitest";

// The module holds one session; each test takes a fresh one.
beforeEach(() => {
  vi.resetModules();
  vi.unstubAllGlobals();
});

const jwt = (seconds: number) => `h.${btoa(JSON.stringify({ iat: 1_000, exp: 1_000 + seconds }))}.s`;
const tokens = (n: number, seconds = 900) => ({
  accessToken: jwt(seconds),
  accessExpiresAt: new Date(Date.now() + seconds * 1000).toISOString(),
  refreshToken: `refresh-${n}`,
  refreshExpiresAt: new Date(Date.now() + 86_400_000).toISOString(),
});

/** A server that answers with these bodies in turn and remembers what it was asked. */
function server(...answers: object[]) {
  const asked: { authorization: string | null; variables: { input?: { refreshToken?: string } } }[] = [];
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    asked.push({ authorization: headers.get("authorization"), variables: JSON.parse(String(init.body)).variables });
    return new Response(JSON.stringify(answers.shift() ?? { errors: [{ message: "no more answers" }] }), {
      headers: { "x-request-id": "req-7" },
    });
  });
  return asked;
}
const rotated = (n: number) => ({ data: { sessionRefresh: { session: tokens(n), userErrors: [] } } });

test("a reload brings the session back with the kept refresh token, which is replaced", async () => {
  sessionStorage.setItem("liebian.admin.refresh", "refresh-1");
  const asked = server(rotated(2));
  const session = await import("./session");
  expect(session.signedIn()).toBe(true);
  expect(await session.accessToken()).toBe(jwt(900));
  expect(asked[0]?.variables.input?.refreshToken).toBe("refresh-1");
  expect(sessionStorage.getItem("liebian.admin.refresh")).toBe("refresh-2");
  expect(JSON.stringify({ ...sessionStorage })).not.toContain(jwt(900));
});

test("many requests at once share one refresh", async () => {
  sessionStorage.setItem("liebian.admin.refresh", "refresh-1");
  const asked = server(rotated(2));
  const session = await import("./session");
  await Promise.all([session.accessToken(), session.accessToken(), session.accessToken()]);
  expect(asked).toHaveLength(1);
});

test("a token about to expire is replaced before it is used, and live sockets hear of it", async () => {
  const asked = server(rotated(2));
  const session = await import("./session");
  session.begin(tokens(1, 20));
  const heard: string[] = [];
  session.onRenewed((token) => heard.push(token));
  expect(await session.accessToken()).toBe(jwt(900));
  expect(asked).toHaveLength(1);
  expect(heard).toEqual([jwt(900)]);
});

test("a refused refresh ends the session and says why", async () => {
  sessionStorage.setItem("liebian.admin.refresh", "stolen");
  server({ data: { sessionRefresh: { session: null, userErrors: [{ code: "SESSION_REVOKED", message: "…" }] } } });
  const session = await import("./session");
  await expect(session.accessToken()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect([session.signedIn(), session.whyEnded()]).toEqual([false, "expired"]);
  expect(sessionStorage.getItem("liebian.admin.refresh")).toBeNull();
});

test("a network failure while refreshing does not sign anybody out", async () => {
  sessionStorage.setItem("liebian.admin.refresh", "refresh-1");
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
  const session = await import("./session");
  await expect(session.accessToken()).rejects.toMatchObject({ code: "NETWORK" });
  expect(session.signedIn()).toBe(true);
});

test("a request refused for its token is repeated once with a new one", async () => {
  const unauthenticated = { errors: [{ message: "…", extensions: { code: "UNAUTHENTICATED" } }] };
  const asked = server(unauthenticated, rotated(2), { data: { viewer: 1 } });
  const session = await import("./session");
  session.begin(tokens(1, 600));
  const { execute } = await import("./api");
  const { graphql } = await import("./graphql");
  const document = graphql(`
  query Viewer {
    viewer { id name email permissions passwordChangeRequired }
  }
`);
  expect(await execute(document, {})).toEqual({ viewer: 1 });
  expect(asked.map(({ authorization }) => authorization)).toEqual([`Bearer ${jwt(600)}`, null, `Bearer ${jwt(900)}`]);
});

test("a fault carries the request id a person can quote", async () => {
  server({ data: null, errors: [{ message: "internal", extensions: { code: "INTERNAL" } }] });
  const session = await import("./session");
  session.begin(tokens(1));
  const { execute } = await import("./api");
  await expect(execute({ toString: () => "query { viewer { id } }" } as never, {})).rejects.toMatchObject({
    code: "INTERNAL",
    requestId: "req-7",
  });
});

test("signing out tells the server which session ends, and forgets it at once", async () => {
  const asked = server({ data: { sessionRevoke: { session: { id: "ses_1" } } } });
  const session = await import("./session");
  const now = Math.floor(Date.now() / 1000);
  const accessToken = `h.${btoa(JSON.stringify({ sid: "ses_1", iat: now, exp: now + 900 }))}.s`;
  session.begin({ ...tokens(1), accessToken });
  session.signOut();
  expect(session.signedIn()).toBe(false);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  expect(asked[0]).toMatchObject({ authorization: `Bearer ${accessToken}`, variables: { input: { id: "ses_1" } } });
});
