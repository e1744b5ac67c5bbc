// An article from nothing to the shelf: written with a picture and two variants, published, its strike-through price
// changed, found in the list.
import { accessible, expect, picture, step, url } from "./kit.mjs";

/** A small picture, drawn in the browser. */
async function drawn(page) {
  const base64 = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 480;
    const pen = canvas.getContext("2d");
    const sky = pen.createLinearGradient(0, 0, 480, 480);
    sky.addColorStop(0, "#ff8a4c");
    sky.addColorStop(1, "#5b4be1");
    pen.fillStyle = sky;
    pen.fillRect(0, 0, 480, 480);
    pen.fillStyle = "#ffffffcc";
    pen.fillRect(150, 90, 70, 320);
    pen.fillRect(260, 90, 70, 320);
    return canvas.toDataURL("image/png").split(",")[1];
  });
  return { name: "scarf.png", mimeType: "image/png", buffer: Buffer.from(base64, "base64") };
}

/** Chooses whose price a strike-through price is, in the nth row. */
async function names(page, nth, base) {
  await page.locator(".variants tbody tr.ant-table-row").nth(nth).locator(".base").click();
  await page.click(`.ant-select-item-option:has-text("${base}"):visible`);
}

export async function articles(page) {
  const code = `E2E-${Date.now()}`;
  const title = `端到端围巾 ${code}`;
  const row = (nth) => page.locator(".variants tbody tr.ant-table-row").nth(nth);
  const cell = (nth, name) => row(nth).locator(`input[aria-label^="${name}"]`);

  await step("an article is written: a picture, two variants, refused where a price lacks its base", async () => {
    await page.goto(`${url}/admin/products`);
    await page.waitForSelector("tbody tr[data-row-key]");
    await accessible(page);
    await picture(page, "20-products");
    await page.click("button:has-text('新建商品')");
    await page.fill("#title_zhCn", title);
    await page.fill("#title_en", `Scarf ${code}`);
    await page.setInputFiles("#pictures", [await drawn(page), await drawn(page)]);
    await page.waitForFunction(() => document.querySelectorAll(".shot:not(:has(.shot-progress))").length === 2);
    await page.click("button:has-text('颜色')");
    await page.waitForSelector("#options_0_values_0_zhCn:focus");
    await page.keyboard.type("红色");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#options_0_values_1_zhCn:focus");
    await page.keyboard.type("蓝色");
    await page.waitForSelector(".variants tbody tr.ant-table-row >> nth=1");
    await page.fill(".fill input[aria-label='编码前缀']", code);
    await page.fill(".fill input[aria-label$='售价']", "59.9");
    await page.fill(".fill input[aria-label$='重量']", "180");
    await page.fill(".fill input[aria-label$='库存']", "25");
    await page.click("button:has-text('填到每一行')");
    await cell(0, "划线价:").fill("99");
    await page.click("button:has-text('保存为草稿')");
    await page.waitForSelector("text=请选择这个价格的依据");
    await accessible(page);
    await picture(page, "21-product-form");
    await names(page, 0, "厂商建议零售价");
    // The first answer is lost on its way: nothing entered is, and the same sent again is the same article.
    let lost = false;
    await page.route("**/admin/graphql", async (route) => {
      if (lost || !route.request().postData()?.includes("mutation ProductCreate")) return route.continue();
      lost = true;
      await route.fetch();
      return route.fulfill({ status: 200, body: "" });
    });
    await page.click("button:has-text('保存为草稿')");
    await page.waitForSelector("#refused .ant-alert");
    await page.unroute("**/admin/graphql");
    await page.reload();
    await page.waitForSelector("text=已恢复上次没有保存的内容");
    await page.waitForFunction(() => document.querySelectorAll(".shot").length === 2);
    await page.click("button:has-text('保存为草稿')");
    await page.waitForSelector("[data-testid=product]");
    await page.waitForSelector(".page-head .ant-tag:has-text('草稿')");
    await page.waitForSelector(`code:has-text("${code}-02")`);
  });

  await step("it is published, and shown as shoppers see it", async () => {
    await page.click(".page-actions button:has-text('上架')");
    await page.click(".ant-modal-confirm-btns .ant-btn-primary");
    await page.waitForSelector(".ant-modal-confirm", { state: "detached" });
    await page.waitForSelector(".page-head .ant-tag:has-text('在售')");
    await page.waitForSelector(".as-shown del:has-text('99.00')");
    await page.mouse.move(0, 0); // a button under the mouse is paler
    await accessible(page);
    await picture(page, "22-product");
  });

  await step("its strike-through price changes, and its history and its stock are told", async () => {
    await page.click(".page-actions button:has-text('修改')");
    await page.waitForSelector(".variants tbody tr.ant-table-row >> nth=1");
    await cell(0, "划线价:").fill("89");
    await page.click("button:has-text('保存')");
    await page.waitForSelector("[data-testid=product]");
    await page.waitForSelector(".as-shown del:has-text('89.00')");
    await page.click("button:has-text('价格历史') >> nth=0");
    await page.waitForSelector(".price-chart svg");
    await accessible(page);
    await picture(page, "23-price-history");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".price-chart", { state: "detached" });
    await page.click("button:has-text('调整库存') >> nth=0");
    await page.fill("#count", "5");
    await page.fill("#reason", "到货");
    await page.click(".drawer-foot .ant-btn-primary");
    await page.waitForSelector("[data-testid=available]:has-text('30')");
  });

  await step("it is found in the list, with its picture and its stock", async () => {
    await page.goto(`${url}/admin/products?search=${code}&state=ON_SALE`);
    const found = page.locator("tbody tr[data-row-key]");
    await found.first().waitFor();
    expect((await found.count()) === 1, "one article has this code");
    await page.waitForSelector("tbody tr[data-row-key] img.picture");
    expect((await found.textContent()).includes("55"), "30 and 25 of it are left");
    await picture(page, "24-product-found");
    await page.goto(`${url}/admin/products/shelves`);
    await page.waitForSelector("tbody tr[data-row-key]");
    await accessible(page);
    await picture(page, "25-shelves");
  });
}
