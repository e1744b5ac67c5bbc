// The promise of the welcome page: two windows, two customers, one team that fills up live.
// The environment: kit.mjs.
import { accessible, expect, finish, newContext, picture, step, url, watched } from "./kit.mjs";

const one = watched(await (await newContext()).newPage());
const two = watched(await (await newContext({ viewport: { width: 390, height: 844 } })).newPage());
const seats = (page, state) => page.locator(`[data-seat="${state}"]`).count();
const until = (page, state, count) =>
  page.waitForFunction(([name, n]) => document.querySelectorAll(`[data-seat="${name}"]`).length === n, [state, count]);
const live = (page) => page.waitForSelector("body[data-connection=live]");

const customers = await (await fetch(`${url}/demo/customers`)).json();

/** Orders at `address` as the next customer who may: some sit in a team of the campaign already. Answers with the cashier. */
async function buy(page, address) {
  while (customers.length > 0) {
    const customer = customers.pop();
    await page.goto(`${url}/?as=${customer.id}${address}`);
    await live(page);
    await page.waitForSelector("form .quote strong, form .refused:not(:empty), .notice:not([hidden])");
    if ((await page.locator("form button[type=submit]:enabled").count()) === 0) continue;
    const opened = page.context().waitForEvent("page");
    await page.click("form button[type=submit]");
    const cashier = await opened;
    const ordered = await Promise.race([
      cashier.waitForURL(/^http/).then(
        () => true,
        () => false,
      ),
      page.waitForSelector("form .refused:not(:empty)").then(() => false),
    ]);
    if (!ordered) continue;
    await cashier.waitForLoadState();
    return {
      async pay() {
        const button = cashier.locator("button.pay");
        if ((await button.count()) > 0) await button.click();
        await cashier.waitForSelector("h1");
        await cashier.close();
      },
    };
  }
  throw new Error("no demo customer is free to join");
}

await step("the page says what to try", async () => {
  await one.goto(url);
  await one.waitForSelector(".hero h1");
  await one.waitForSelector(".wide-cards li");
  await one.waitForFunction(() => document.querySelectorAll(".grid:not(.wide-cards):not(.links) li").length > 0);
  const broken = await one.$$eval("img", (images) =>
    images.filter((image) => image.complete && image.naturalWidth === 0).map((image) => image.src),
  );
  expect(broken.length === 0, `pictures are missing: ${broken}`);
  await accessible(one);
  await picture(one, "shop-1-welcome");
});

await step("products are found by their names", async () => {
  const name = await one.textContent(".grid:not(.wide-cards):not(.links) h3");
  await one.fill("input[type=search]", name);
  await one.waitForFunction(
    (wanted) => document.querySelector(".grid:not(.wide-cards):not(.links) h3")?.textContent === wanted,
    name,
  );
});

let size = 0;
await step("a customer opens a team and pays", async () => {
  await one.click(".faces li:nth-child(4) button");
  await one.waitForSelector(".faces li:nth-child(4) button[aria-pressed=true]");
  await one.click(".wide-cards li:last-child a");
  await one.waitForURL(/#\/group-buy\//);
  const cashier = await buy(one, new URL(one.url()).hash);
  await one.waitForURL(/#\/team\//);
  await live(one);
  await until(one, "RESERVED", 1);
  size = (await seats(one, "free")) + 1;
  await cashier.pay();
  await until(one, "CONFIRMED", 1);
  await one.waitForSelector("[role=timer]");
  await picture(one, "shop-2-opened");
});

await step("in a second window somebody else takes a seat, and both see it at once", async () => {
  const team = new URL(one.url()).hash;
  await two.goto(`${url}/${team}`);
  await live(two);
  await until(two, "CONFIRMED", 1);
  const overflow = await two.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow <= 0, `the page is ${overflow}px wider than the phone`);
  await accessible(two);
  await picture(two, "shop-3-second-window");
  const cashier = await buy(two, team);
  await Promise.all([until(one, "RESERVED", 1), until(two, "RESERVED", 1)]);
  await picture(one, "shop-4-seat-taken");
  await cashier.pay();
  await Promise.all([until(one, "CONFIRMED", 2), until(two, "CONFIRMED", 2)]);
});

await step("the team forms in every window at the same moment", async () => {
  for (let seat = 3; seat <= size; seat++) {
    const more = watched(await (await newContext()).newPage());
    await (await buy(more, new URL(one.url()).hash)).pay();
    await until(more, "CONFIRMED", seat);
  }
  await Promise.all([one.waitForSelector(".banner.good"), two.waitForSelector(".banner.good")]);
  expect((await one.textContent("#say")).length > 0, "the moment is said aloud");
  await one.waitForFunction(() => /成团/.test(document.querySelector("section.panel [aria-live]")?.textContent ?? ""));
  await accessible(one);
  await picture(one, "shop-5-formed");
});

await step("English at once", async () => {
  await one.selectOption("header select", "en");
  await one.waitForSelector("html[lang=en] .banner.good");
  await picture(one, "shop-6-english");
});

await step("a team that does not exist", async () => {
  await two.goto(`${url}/#/team/none`);
  await two.waitForFunction(() => /找不到|不在/.test(document.querySelector("h1")?.textContent ?? ""));
});

await finish();
