// An operator's day: somebody's money goes back, a complaint is decided, a bill is compared, offers are made, a store
// opens. On the demo; the environment is that of kit.mjs.
import { accessible, expect, finish, newContext, owner, picture, step, types, url } from "./kit.mjs";

const context = await newContext();
let page;

const day = (n, time) => `${new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10)} ${time}`.trim();
const stamp = Date.now().toString(36);

/** Opens the first row that says these words. */
async function opens(words) {
  await page.click(`tbody tr[data-row-key]:has-text("${words}") a.open`);
}

/** Sends the open form, and waits until it is gone. */
async function sends(name) {
  await page.click(`.ant-drawer-footer button:has-text("${name}")`);
  await page.waitForSelector(".ant-drawer-footer", { state: "hidden" });
}

await step("the owner signs in", async () => {
  page = await owner(context);
});

await step("a shopper's refund is agreed to, and the money goes back", async () => {
  await page.goto(`${url}/admin/after-sale?state=REQUESTED`);
  await opens("仅退款");
  await page.waitForSelector("body[data-connection=live]");
  await accessible(page);
  await page.click(".page-actions button:has-text('同意')");
  await page.waitForSelector(".ant-drawer #note");
  await accessible(page);
  await page.fill("#note", "同意退款，给您添麻烦了。");
  await sends("同意");
  await page.waitForSelector(".page-head .ant-tag:has-text('已完成')");
  await picture(page, "20-refunded");
});

await step("a complaint is decided for the shopper", async () => {
  await page.goto(`${url}/admin/after-sale/complaints`);
  await opens("已答复");
  await page.click(".page-actions button:has-text('判定')");
  await page.waitForSelector(".ant-drawer #note");
  await page.click(".ant-drawer .ant-segmented-item:has-text('支持顾客')");
  await page.waitForSelector("#compensation");
  await accessible(page);
  await page.fill("#compensation", "1");
  await page.fill("#note", "物流确有延误，补偿一元。");
  await sends("确认判定");
  await page.waitForSelector(".page-head .ant-tag:has-text('支持顾客')");
  await picture(page, "21-decided");
});

await step("a bill is brought, and what it does not agree about is settled", async () => {
  await page.goto(`${url}/admin/money/bills`);
  await page.click("button:has-text('上传账单')");
  await page.waitForSelector(".ant-drawer input[type=file]", { state: "attached" });
  await page.click(".ant-drawer .ant-segmented-item:has-text('沙箱')");
  const number = `e2e-${stamp}`;
  const bill = [
    "happened_at,kind,merchant_no,provider_no,amount_minor,currency,status",
    `${day(-1, "").trim()}T12:00:00Z,CHARGE,${number},bank-${number},100,CNY,SUCCEEDED`,
  ].join("\n");
  await page.setInputFiles(".ant-drawer input[type=file]", {
    name: `${number}.csv`,
    mimeType: "text/csv",
    buffer: Buffer.from(bill),
  });
  await accessible(page);
  await page.click(".ant-drawer-footer button.ant-btn-primary");
  await page.waitForSelector(`h1:has-text("${number}")`);
  await page.click(`tbody tr[data-row-key]:has-text("${number}") button:has-text("处理")`);
  await page.waitForSelector(".ant-drawer #note");
  await page.fill("#note", "柜台收款，已登记。");
  await sends("保存");
  await page.waitForSelector(`tbody tr[data-row-key]:has-text("${number}") .ant-tag:has-text('已处理')`);
  await accessible(page);
  await picture(page, "22-bill");
});

await step("a coupon is written, offered and handed out", async () => {
  const name = `满 50 减 5 ${stamp}`;
  await page.goto(`${url}/admin/promotions`);
  await page.click("button:has-text('新建优惠券')");
  await page.waitForSelector("#amount");
  await page.fill("#nameZh", name);
  await page.fill("#amount", "5");
  await page.fill("#minSpend", "50");
  await page.click(".ant-drawer .ant-select:has(#way)");
  await page.click(".ant-select-item-option:has-text('员工发放')");
  await types(page, ".ant-picker-range", [day(-1, "08:00"), day(9, "08:00")]);
  await accessible(page);
  await sends("保存为草稿");
  await page.click(`tbody tr[data-row-key]:has-text("${name}") button:has-text("启用")`);
  await page.click(".ant-modal-confirm-btns button.ant-btn-primary");
  await page.waitForSelector(`tbody tr[data-row-key]:has-text("${name}") .ant-tag:has-text("已启用")`);
  await opens(name);
  await page.click(".page-actions button:has-text('发给顾客')");
  await page.waitForSelector("#customerIds");
  await page.fill("#customerIds", "Luna");
  await page.click(".ant-select-item-option:has-text('Luna')");
  await page.keyboard.press("Escape");
  await sends("发放");
  await page.waitForSelector(".probes .ant-statistic:has-text('已领'):has-text('1')");
  await picture(page, "23-coupon");
});

await step("a reduction is written", async () => {
  const name = `满 100 减 8 ${stamp}`;
  await page.goto(`${url}/admin/promotions/reductions`);
  await page.click("button:has-text('新建满减')");
  await page.waitForSelector("#tiers_0_from");
  await page.fill("#nameZh", name);
  await page.fill("#tiers_0_from", "100");
  await page.fill("#tiers_0_off", "8");
  await types(page, ".ant-picker-range", [day(1, "08:00"), day(9, "08:00")]);
  await accessible(page);
  await sends("保存为草稿");
  await page.waitForSelector(`tbody tr[data-row-key]:has-text("${name}"):has-text("草稿")`);
});

await step("lower prices and member prices name what they lower", async () => {
  await page.goto(`${url}/admin/promotions/discounts`);
  await page.waitForSelector("tbody tr[data-row-key] .plain-list li:has-text('葡萄')");
  await accessible(page);
  await page.goto(`${url}/admin/promotions/members`);
  await page.waitForSelector("tbody tr[data-row-key] .plain-list li:has-text('龙井')");
  await page.click("tbody tr[data-row-key] button:has-text('单品会员价')");
  await page.waitForSelector("#prices_0_price");
  await accessible(page);
  await picture(page, "24-member-prices");
  await page.keyboard.press("Escape");
  await page.waitForSelector("#prices_0_price", { state: "hidden" });
});

await step("a store opens", async () => {
  const name = `测试门店 ${stamp}`;
  await page.goto(`${url}/admin/orders/stores`);
  await page.click("button:has-text('新建门店')");
  await page.waitForSelector("#name");
  await page.fill("#name", name);
  await page.fill("#region", "浙江省杭州市西湖区");
  await page.fill("#street", "文三路 1 号");
  await page.fill("#phone", "0571-8000 0000");
  await page.fill("#hours", "每天 9:00–21:00");
  await accessible(page);
  await sends("保存");
  await page.waitForSelector(`tbody tr[data-row-key]:has-text("${name}"):has-text("营业中")`);
  await picture(page, "25-stores");
});

await step("labels, and a customer with what they have", async () => {
  await page.goto(`${url}/admin/orders/labels`);
  await page.waitForSelector(".labels .label");
  await accessible(page);
  await page.goto(`${url}/admin/customers?search=${encodeURIComponent("小满")}`);
  await opens("小满");
  await page.waitForSelector(".probes .ant-statistic:has-text('可用积分')");
  await accessible(page);
  await picture(page, "26-customer");
});

await step("nothing is wider than a phone", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  const places = ["orders", "orders/labels", "orders/stores", "after-sale", "after-sale/terms", "promotions"];
  const more = [
    "promotions/reductions",
    "promotions/freight",
    "promotions/parcels",
    "promotions/settings",
    "customers",
  ];
  const money = ["money", "money/journal", "money/bills", "money/proofs", "money/parked", "system"];
  for (const place of [...places, ...more, ...money]) {
    await page.goto(`${url}/admin/${place}`);
    await page.waitForSelector("h1");
    await page.waitForLoadState("networkidle");
    // A table is measured a moment after its rows came.
    const fits = page.waitForFunction(() => document.documentElement.scrollWidth <= innerWidth);
    await fits.catch(() => expect(false, `${place} is wider than the phone`));
  }
});

await finish();
