// What the browser tests share: Chromium, steps that are counted, and a watch on the console.
//
//   LIEBIAN_URL        where the server is, in demo mode   (http://127.0.0.1:8080)
//   LIEBIAN_CHROMIUM   the browser                         (/usr/bin/chromium)
//
// Pictures go to e2e/output. Any error in a browser's console fails the step it happens in.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const url = (process.env.LIEBIAN_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");

const output = join(import.meta.dirname, "output");
const complaints = [];
const pages = [];
let passed = 0;
let failed = 0;

mkdirSync(output, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.LIEBIAN_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

/** A browser of its own: nothing is shared with the others. */
export async function newContext(options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "zh-CN", ...options });
  context.setDefaultTimeout(60_000);
  return context;
}

/** Fails the running step when the page complains. */
export function watched(page) {
  pages.push(page);
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error.stack)));
  return page;
}

export const picture = (page, name) => page.screenshot({ path: join(output, `${name}.png`) });

export function expect(condition, what) {
  if (!condition) throw new Error(what);
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Nothing on the page that keeps somebody out: labels, roles, contrast (WCAG 2.1 AA). */
export async function accessible(page) {
  await page.waitForTimeout(600); // animations end
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" … ")}`);
  expect(told.length === 0, told.join("\n"));
}

export async function step(name, run) {
  const began = performance.now();
  try {
    await run();
    expect(complaints.length === 0, `the browser complains:\n  ${complaints.join("\n  ")}`);
    passed++;
    console.log(`ok    ${name} (${Math.round(performance.now() - began)} ms)`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name}\n      ${String(error.message).split("\n").slice(0, 12).join("\n      ")}`);
    for (const [n, page] of pages.entries()) await picture(page, `failed-${failed}-${n}`).catch(() => {});
    complaints.length = 0;
  }
}

export async function finish() {
  await browser.close();
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

/** The demo's owner, signed in to the back office. */
export async function owner(context) {
  const page = watched(await context.newPage());
  await page.goto(`${url}/admin/`);
  await page.fill("#email", process.env.LIEBIAN_EMAIL ?? "demo@liebian.example");
  await page.fill("#password", process.env.LIEBIAN_PASSWORD ?? "welcome-to-liebian");
  await page.keyboard.press("Enter");
  await page.waitForSelector("nav >> text=拼团");
  return page;
}

/** Types a window of time into the open form: `2026-11-22 08:00`, once for its begin and once for its end. */
export async function types(page, picker, [from, until]) {
  const inputs = page.locator(`.ant-drawer ${picker} input`);
  await inputs.nth(0).click();
  await inputs.nth(0).fill(from);
  await page.keyboard.press("Enter");
  await inputs.nth(1).fill(until);
  await page.keyboard.press("Enter");
}
