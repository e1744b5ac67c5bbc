// Opens GraphiQL as a person would, in headless Chromium with no other address to reach: node check.mjs URL [PICTURE]
// The first example must answer, and an example whose text begins with "subscription" must tell something live.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

const [url, picture] = process.argv.slice(2);
if (!url) {
  console.error('usage: node check.mjs URL [PICTURE]');
  process.exit(2);
}
const profile = mkdtempSync(join(tmpdir(), 'graphiql-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  viewport: { width: 1400, height: 900 },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let failed = 0;
const check = (what, ok, why = '') => {
  if (ok) return;
  failed += 1;
  console.log(`graphiql: FAILED ${what} ${why}`);
};
let passed = 0;
const pass = () => {
  passed += 1;
};
try {
  const page = await browser.newPage();
  const foreign = [];
  const complaints = [];
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin) foreign.push(request.url());
  });
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));

  await page.goto(url, { waitUntil: 'load' });
  const run = page.getByRole('button', { name: /execute query/i });
  await run.waitFor();
  const tabs = page.locator('.graphiql-tab-button');
  /** Runs the tab until its answer shows `pattern`: a press before the editor has its text runs nothing, so it is pressed again. */
  const shows = async (pattern) => {
    const shown = (text) => document.querySelector('.result-window')?.innerText.includes(text);
    for (let patience = 30; ; patience -= 1) {
      if (await run.isVisible()) await run.click();
      try {
        return await page.waitForFunction(shown, pattern, { timeout: 4_000 });
      } catch (error) {
        if (patience === 0) throw new Error(`${error}\n${await page.locator('.graphiql-container').innerText()}`);
      }
    }
  };

  await tabs.first().click();
  await shows('"data"').then(pass, (error) => check('the first example answers', false, error));
  const examples = await page.evaluate(() => JSON.parse(document.getElementById('settings').textContent).examples);
  const live = examples.findIndex((example) => /^\s*(#.*\n\s*)*subscription/.test(example.query));
  if (live >= 0) {
    await tabs.nth(live).click();
    await shows('"data"').then(pass, (error) => check('the live example tells something', false, error));
  }
  if (picture) await page.screenshot({ path: picture });
  check('nothing is fetched from elsewhere', foreign.length === 0, foreign.join(' '));
  check('the console is quiet', complaints.length === 0, complaints.join('\n'));
  passed += 2 - Number(foreign.length > 0) - Number(complaints.length > 0);
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
