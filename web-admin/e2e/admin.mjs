// The back office as a person uses it.
//
//   LIEBIAN_EMAIL, LIEBIAN_PASSWORD, LIEBIAN_TOTP   the demo owner (no code by default)
//   LIEBIAN_HOOK   a shell command that makes the team TEAM_ID change, in place of the demo shopper below
//
// The rest of the environment: kit.mjs.
import { execSync } from "node:child_process";
import { articles } from "./articles.mjs";
import { accessible, expect, finish, newContext, picture, step, types, url, watched } from "./kit.mjs";

const email = process.env.LIEBIAN_EMAIL ?? "demo@liebian.example";
const password = process.env.LIEBIAN_PASSWORD ?? "welcome-to-liebian";

/** A shopper at the shop's API, signed in by the demo. */
async function shopper(customer) {
  const signIn = await fetch(`${url}/demo/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ customer }),
  });
  const { accessToken } = await signIn.json();
  return async (query, variables) => {
    const response = await fetch(`${url}/shop/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    if (errors) throw new Error(errors[0].message);
    return data;
  };
}

/** Whether old customers may join the team, too. */
async function isOpenToAll(teamId) {
  const [customer] = await (await fetch(`${url}/demo/customers`)).json();
  const ask = await shopper(customer.id);
  const { groupBuyTeam } = await ask("query($id: ID!) { groupBuyTeam(id: $id) { groupBuy { joiners } } }", {
    id: teamId,
  });
  return groupBuyTeam.groupBuy.joiners === "ANYONE";
}

const seatsOf = `groupBuyTeam(id: $id) { state seats { state customer { id } } groupBuy { id skus { skuId } } }`;

/** Takes a seat in the team as a customer who has none there yet; answers with the order. */
async function takeSeat(teamId) {
  const customers = await (await fetch(`${url}/demo/customers`)).json();
  let refused = "nobody tried";
  for (const customer of customers) {
    const ask = await shopper(customer.id);
    const { groupBuyTeam: team } = await ask(`query($id: ID!) { ${seatsOf} }`, { id: teamId });
    if (team.seats.some((seat) => seat.customer?.id === customer.id)) continue;
    const { quoteCreate } = await ask(
      `mutation($input: QuoteCreateInput!) {
        quoteCreate(input: $input) { quote { id total { amount currency } } userErrors { message } }
      }`,
      {
        input: {
          lines: [{ skuId: team.groupBuy.skus[0].skuId, quantity: 1 }],
          play: { kind: "group_buy", id: team.groupBuy.id, teamId },
        },
      },
    );
    refused = quoteCreate.userErrors[0]?.message;
    if (!quoteCreate.quote) continue;
    const { groupBuyTeamJoin } = await ask(
      `mutation($input: GroupBuyTeamJoinInput!) { groupBuyTeamJoin(input: $input) { order { id } userErrors { message } } }`,
      {
        input: {
          teamId,
          quoteId: quoteCreate.quote.id,
          expectedTotal: quoteCreate.quote.total,
          whenFull: "REFUND",
          idempotencyKey: crypto.randomUUID(),
          shippingAddress: {
            recipient: "e2e",
            phone: "13800000000",
            region: "浙江省杭州市西湖区",
            street: "文三路 1 号",
          },
        },
      },
    );
    refused = groupBuyTeamJoin.userErrors[0]?.message;
    if (groupBuyTeamJoin.order) return { ask, order: groupBuyTeamJoin.order };
  }
  throw new Error(`no demo customer could join: ${refused}`);
}

const context = await newContext();
const page = watched(await context.newPage());
const free = () => page.locator('[data-seat="free"]').count();

await step("a wrong password is refused in words", async () => {
  await page.goto(`${url}/admin/`);
  await page.fill("#email", email);
  await page.fill("#password", "not the password");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=alert] [data-code]");
  await accessible(page);
  await picture(page, "1-refused");
});

await step("the owner signs in", async () => {
  await page.fill("#password", password);
  await page.keyboard.press("Enter");
  if (process.env.LIEBIAN_TOTP) {
    await page.fill("#totp", process.env.LIEBIAN_TOTP);
    await page.keyboard.press("Enter");
  }
  await page.waitForSelector("tbody tr[data-row-key]");
  await accessible(page);
  await picture(page, "2-campaigns");
});

await step("a reload stays signed in", async () => {
  await page.reload();
  await page.waitForSelector("tbody tr[data-row-key]");
});

await step("the filter is in the address", async () => {
  await page.click(".ant-segmented-item:has-text('进行中')");
  await page.waitForURL(/state=RUNNING/);
  await page.waitForSelector("tbody tr[data-row-key]");
});

const hrefs = (selector) => page.$$eval(selector, (links) => links.map((link) => link.href));
let teams = [];
await step("running campaigns show their open teams", async () => {
  for (const campaign of await hrefs("tbody tr[data-row-key] a.open")) {
    await page.goto(`${campaign}?state=OPEN`);
    await page.waitForSelector(".ant-table-tbody .ant-empty, tbody tr[data-row-key] a[href*='/team/']");
    teams = teams.concat(await hrefs("tbody tr[data-row-key] a[href*='/team/']"));
  }
  expect(teams.length > 0, "there is an open team");
  await accessible(page);
  await picture(page, "3-campaign");
});

let teamId = "";
await step("a running team is live", async () => {
  for (const team of teams) {
    await page.goto(team);
    await page.waitForSelector("[data-testid=team]");
    if ((await free()) > 0 && (await isOpenToAll(team.split("/").at(-1)))) break;
  }
  await page.waitForSelector("body[data-connection=live]");
  teamId = page.url().split("/").at(-1);
  expect((await free()) > 0, "some open team has a free seat");
  await accessible(page);
  await picture(page, "4-team");
});

await step("a seat taken elsewhere fills here, without a reload", async () => {
  const before = await free();
  const unloaded = page
    .evaluate(() => new Promise((resolve) => addEventListener("beforeunload", () => resolve(true))))
    .catch(() => true);
  if (process.env.LIEBIAN_HOOK)
    execSync(process.env.LIEBIAN_HOOK, { env: { ...process.env, TEAM_ID: teamId }, stdio: "inherit" });
  else await takeSeat(teamId);
  await page.waitForFunction((count) => document.querySelectorAll('[data-seat="free"]').length < count, before);
  expect((await Promise.race([unloaded, false])) === false, "the page did not reload");
  expect(((await page.textContent("output.visually-hidden")) ?? "").length > 0, "the change is said aloud");
  await picture(page, "5-joined");
});

await step("orders that wait to be shipped", async () => {
  await page.goto(`${url}/admin/orders?state=TO_SHIP`);
  await page.waitForSelector("tbody tr[data-row-key] a.open");
  await accessible(page);
  await picture(page, "10-orders");
});

await step("an order is explained: what it cost, where it goes, what happened", async () => {
  await page.click("tbody tr[data-row-key] a.open >> nth=0");
  await page.waitForSelector("[data-testid=order]");
  await page.waitForSelector("body[data-connection=live]");
  await page.waitForSelector("text=价格是怎么算出来的");
  await accessible(page);
  await picture(page, "11-order");
});

await step("it is shipped, and the page follows without a reload", async () => {
  await page.click("button:has-text('发货')");
  await page.waitForSelector("#trackingNo");
  await accessible(page);
  await page.fill("#carrier", "顺丰速运");
  await page.fill("#trackingNo", `sf ${Date.now()}`);
  await page.click("button:has-text('确认发货')");
  await page.waitForSelector(".page-head .ant-tag:has-text('已发货')");
  await page.waitForSelector(`text=SF`);
  await picture(page, "12-shipped");
});

/** `2026-11-22 08:00`, so many days from now. */
function inDays(days) {
  const at = new Date(Date.now() + days * 86_400_000);
  const two = (n) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Chooses the first product in the open form. */
async function choosesProduct(name) {
  await page.click(".ant-drawer #productId");
  await page.fill(".ant-drawer #productId", name);
  await page.waitForSelector(`.ant-select-item-option:has-text("${name}")`);
  await page.keyboard.press("Enter");
}

/** Says by when it is shipped. */
async function shipsBy(days) {
  await page.fill(".ant-drawer .picker-ship input", inDays(days));
  await page.keyboard.press("Enter");
}

/** Publishes what is open, after the question that says what follows. */
async function publishes() {
  await page.click(".page-actions button:has-text('发布')");
  await page.click(".ant-modal-confirm-btns .ant-btn-primary");
  await page.waitForSelector(".ant-modal-confirm", { state: "detached" });
}

await step("a presale is written, refused while its deposit is unlawful, mended, and published", async () => {
  await page.goto(`${url}/admin/presale`);
  await page.click("text=新建预售");
  await page.fill("#nameZh", "端到端预售");
  await choosesProduct("普洱");
  await page.waitForSelector(".ant-drawer fieldset");
  const first = page.locator(".ant-drawer fieldset >> nth=0").locator("input");
  for (const [n, value] of ["70", "20", "15", "20"].entries()) await first.nth(n).fill(value);
  await types(page, ".picker-window", [inDays(0), inDays(3)]);
  await types(page, ".picker-balance", [inDays(3), inDays(5)]);
  await shipsBy(9);
  await page.click(".drawer-foot .ant-btn-primary");
  await page.waitForSelector("[role=alert] >> text=不能超过总价的 20%");
  await accessible(page);
  await picture(page, "13-presale-form");
  await first.nth(2).fill("14");
  await page.click(".drawer-foot .ant-btn-primary");
  await page.waitForSelector("[data-testid=presale]");
  await page.waitForSelector(".page-head .ant-tag:has-text('草稿')");
  await page.waitForSelector("text=合计最多让利");
  await page.fill(".preview input", "30");
  await page.waitForSelector(".preview td:has-text('¥34.00')");
  await publishes();
  await page.waitForSelector(".page-head .ant-tag:has-text('已发布')");
  await accessible(page);
  await picture(page, "14-presale");
});

await step(
  "a crowdfunding is written, published, tells its backers, and ends early when that is confirmed",
  async () => {
    await page.goto(`${url}/admin/crowdfunding`);
    await page.click("text=新建众筹");
    await page.fill("#nameZh", "端到端众筹");
    await choosesProduct("餐具");
    await page.fill("#amount", "10000");
    await page.fill("#tiers_0_zh", "早鸟");
    await page.click("#tiers_0_skuId");
    await page.keyboard.press("Enter");
    await page.fill("#tiers_0_price", "50");
    await types(page, ".picker-window", [inDays(0), inDays(7)]);
    await shipsBy(20);
    await accessible(page);
    await picture(page, "15-crowdfunding-form");
    await page.click(".drawer-foot .ant-btn-primary");
    await page.waitForSelector("[data-testid=crowdfunding]");
    await publishes();
    await page.waitForSelector(".page-head .ant-tag:has-text('众筹中')");
    await page.click("button:has-text('发布进展')");
    await page.fill("#titleZh", "开工了");
    await page.fill("#bodyZh", "第一批已经开模。");
    await page.click(".drawer-foot .ant-btn-primary");
    await page.waitForSelector("section >> text=第一批已经开模。");
    await accessible(page);
    await picture(page, "16-crowdfunding");
    await page.click(".page-actions button:has-text('提前结束')");
    await page.click(".ant-modal-confirm-btns .ant-btn-primary");
    await page.waitForSelector(".page-head .ant-tag:has-text('众筹失败')");
  },
);

await articles(page);

await step("English at once, and it stays", async () => {
  await page.goto(`${url}/admin/group-buy/team/${teamId}`);
  await page.waitForSelector("[data-testid=team]");
  await page.selectOption("[data-testid=language]", "en");
  await page.waitForSelector("html[lang=en]");
  await page.waitForSelector("text=Just now");
  await page.reload();
  await page.waitForSelector("nav >> text=Group buy");
  await picture(page, "6-english");
});

await step("the form for a new campaign opens and closes by keyboard", async () => {
  await page.goto(`${url}/admin/group-buy`);
  await page.click("text=New campaign");
  await page.waitForSelector("#nameZh");
  await accessible(page);
  await picture(page, "7-create");
  await page.keyboard.press("Escape");
  await page.waitForSelector("#nameZh", { state: "detached" });
});

await step("dark, on a phone", async () => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${url}/admin/group-buy/team/${teamId}`);
  await page.waitForSelector("[data-testid=team]");
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow <= 0, `the page is ${overflow}px wider than the phone`);
  await accessible(page);
  await picture(page, "8-dark-phone");
});

await step("health", async () => {
  await page.goto(`${url}/admin/system`);
  await page.waitForSelector(".probes");
  await picture(page, "9-health");
});

await step("signing out leaves nothing behind", async () => {
  await page.click("header button:has(.anticon-user)");
  await page.click("text=Sign out");
  await page.waitForURL(/\/admin\/sign-in/);
  expect(
    (await page.evaluate(() => sessionStorage.getItem("liebian.admin.refresh"))) === null,
    "the refresh token is gone",
  );
});

await finish();
