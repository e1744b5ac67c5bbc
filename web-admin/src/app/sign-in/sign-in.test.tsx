import { QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import i18next from "i18next";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { namespaces } from "@/app/nav";
import { startI18n } from "@/lib/i18n";
import { queryClient } from "@/lib/query";
import { end, signedIn } from "@/lib/session";
import { Theme } from "@/lib/theme";
import SignIn from "./sign-in";

beforeAll(() => startI18n(namespaces));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  end("never");
});

type Answer = { session?: object | null; totpRequired?: boolean; userErrors?: object[] };

async function open(...answers: Answer[]) {
  const asked: { email: string; password: string; totp?: string }[] = [];
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    asked.push(JSON.parse(String(init.body)).variables.input);
    const staffSignIn = { session: null, totpRequired: false, userErrors: [], ...answers.shift() };
    return new Response(JSON.stringify({ data: { staffSignIn } }));
  });
  const root = createRootRoute();
  const page = createRoute({ getParentRoute: () => root, path: "/sign-in", component: SignIn });
  const home = createRoute({ getParentRoute: () => root, path: "/", component: () => <p>inside</p> });
  const history = createMemoryHistory({ initialEntries: ["/sign-in"] });
  const router = createRouter({ routeTree: root.addChildren([page, home]), history });
  render(
    <Theme>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Theme>,
  );
  await screen.findByRole("heading");
  return asked;
}
const type = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });
const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
const session = {
  accessToken: "a.b.c",
  accessExpiresAt: "2030-01-01T00:00:00Z",
  refreshToken: "r",
  refreshExpiresAt: "2030-01-02T00:00:00Z",
};

test("a wrong password is said aloud and the cursor goes back to it", async () => {
  await open({ userErrors: [{ code: "WRONG", field: null, message: "邮箱或密码不对" }] });
  type("邮箱", " owner@demo.example ");
  type("密码", "wrong");
  press("登录");
  expect((await screen.findByText("邮箱或密码不对")).closest("[role=alert]")).not.toBeNull();
  expect(document.activeElement).toBe(screen.getByLabelText("密码"));
  expect(signedIn()).toBe(false);
});

test("the code is asked for only when the account has one, and sent with the rest", async () => {
  const asked = await open(
    { totpRequired: true, userErrors: [{ code: "STAFF_TOTP_REQUIRED", message: "请输入动态验证码" }] },
    { totpRequired: true, userErrors: [{ code: "STAFF_TOTP_WRONG", message: "动态验证码不对" }] },
    { session },
  );
  type("邮箱", "owner@demo.example");
  type("密码", "secret");
  expect(screen.queryByLabelText("动态验证码")).toBeNull();
  press("登录");
  const code = await screen.findByLabelText("动态验证码");
  await waitFor(() => expect(document.activeElement).toBe(code));
  expect(screen.queryByText("请输入动态验证码")).toBeNull();
  fireEvent.change(code, { target: { value: "000000" } });
  press("验证并登录");
  await screen.findByText("动态验证码不对");
  expect(code).toHaveProperty("value", "");
  fireEvent.change(code, { target: { value: "123456" } });
  press("验证并登录");
  await screen.findByText("inside");
  expect(asked.at(-1)).toEqual({ email: "owner@demo.example", password: "secret", totp: "123456" });
  expect(signedIn()).toBe(true);
});

test("nothing is sent before both fields are filled", async () => {
  const asked = await open();
  press("登录");
  await screen.findByText("请输入邮箱");
  expect(asked).toHaveLength(0);
});

test("it speaks English too", async () => {
  await open();
  await i18next.changeLanguage("en");
  expect(screen.getByRole("heading").textContent).toBe("Sign in to the back office");
  expect(document.documentElement.lang).toBe("en");
  await i18next.changeLanguage("zh-CN");
});
