import { QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startI18n } from "@/lib/i18n";
import { byChoice, byText, ListPage, text } from "@/lib/list-page";
import { listSearch } from "@/lib/list-search";
import { queryClient } from "@/lib/query";
import { begin } from "@/lib/session";
import { common } from "@/lib/texts";
import { Theme } from "@/lib/theme";

type Row = { id: string; name: string };
type Answer = { things: { edges: { node: Row }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } };
type Variables = { after?: string; state?: string; search?: string };

beforeAll(() => startI18n({ common }));
beforeEach(() => {
  queryClient.clear();
  const later = new Date(Date.now() + 900_000).toISOString();
  begin({ accessToken: "t", accessExpiresAt: later, refreshToken: "r", refreshExpiresAt: later });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const document = { toString: () => "query Things" } as never;

/** Forty-five things on a server that gives twenty at a time, and says what it was asked. */
function things(answer?: (variables: Variables) => Response | undefined) {
  const asked: Variables[] = [];
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    const variables: Variables = JSON.parse(String(init.body)).variables;
    asked.push(variables);
    const said = answer?.(variables);
    if (said) return said;
    const from = Number(variables.after ?? 0);
    const edges = Array.from({ length: Math.min(20, 45 - from) }, (_, n) => ({
      node: { id: String(from + n), name: `thing ${from + n}` },
    }));
    const pageInfo = { hasNextPage: from + 20 < 45, endCursor: String(from + 20) };
    return new Response(JSON.stringify({ data: { things: { edges, pageInfo } } }));
  });
  return asked;
}

function open(address = "/") {
  const root = createRootRoute();
  const page = createRoute({
    getParentRoute: () => root,
    path: "/",
    validateSearch: listSearch,
    component: () => (
      <ListPage<Answer, Variables, Row>
        title="Things"
        query={document}
        variables={({ after, state, search }) => ({ after, state, search })}
        connection={(answer) => answer.things}
        columns={[text<Row>((row) => row.name)("name")]}
        filters={[byText("search", "find"), byChoice("state", "state", [{ value: "ON", label: "only on" }])]}
      />
    ),
  });
  const history = createMemoryHistory({ initialEntries: [address] });
  const router = createRouter({ routeTree: root.addChildren([page]), history });
  render(
    <Theme>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Theme>,
  );
  return router;
}
const press = (name: RegExp) => fireEvent.click(screen.getByRole("button", { name }));

test("pages are walked by cursors, forth and back", async () => {
  const asked = things();
  open();
  await screen.findByText("thing 0");
  expect(screen.getByRole("button", { name: /上一页/ })).toHaveProperty("disabled", true);
  press(/下一页/);
  await screen.findByText("thing 20");
  press(/下一页/);
  await screen.findByText("thing 44");
  expect(screen.getByRole("button", { name: /下一页/ })).toHaveProperty("disabled", true);
  press(/上一页/);
  await screen.findByText("thing 20");
  press(/上一页/);
  await screen.findByText("thing 0");
  expect(asked.map(({ after }) => after).slice(0, 3)).toEqual([undefined, "20", "40"]);
});

test("a link into the middle of a list opens there and offers the way to its start", async () => {
  things();
  open("/?after=20");
  await screen.findByText("thing 20");
  press(/回到第一页/);
  await screen.findByText("thing 0");
});

test("filters are in the address, and a new filter starts at the first page", async () => {
  const asked = things();
  const router = open("/?after=20&search=tea");
  await screen.findByText("thing 20");
  fireEvent.click(screen.getByText("only on"));
  await waitFor(() => expect(router.state.location.search).toEqual({ search: "tea", state: "ON" }));
  await waitFor(() => expect(asked.at(-1)).toEqual({ search: "tea", state: "ON" }));
  press(/清除筛选/);
  await waitFor(() => expect(router.state.location.search).toEqual({}));
});

test("nothing found is told apart from nothing there", async () => {
  const none = { edges: [], pageInfo: { hasNextPage: false, endCursor: "" } };
  things(() => new Response(JSON.stringify({ data: { things: none } })));
  open("/?state=ON");
  await screen.findByText("没有符合条件的结果");
  cleanup();
  open();
  await screen.findByText("还没有内容");
});

test("a failure says what to do and which number to quote, and can be tried again", async () => {
  let broken = true;
  things(() =>
    broken
      ? new Response(
          JSON.stringify({ errors: [{ message: "…", extensions: { code: "INTERNAL", requestId: "req-7" } }] }),
        )
      : undefined,
  );
  open();
  expect((await screen.findByRole("alert")).textContent).toContain("req-7");
  broken = false;
  press(/重试/);
  await screen.findByText("thing 0");
  expect(screen.queryByRole("alert")).toBeNull();
});
