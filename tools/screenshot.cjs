// A picture of a page, by Chromium: node tools/screenshot.cjs PAGE.html OUT.png [dark] [width=1200] [height=900] [full] [open=ID]
// playwright-core is looked for where .ci/run packages puts it.
'use strict';
const path = require('path');
const root = path.resolve(__dirname, '..');
const { chromium } = require(require.resolve('playwright-core', { paths: [path.join(root, 'target/browser'), root] }));

const [page, out, ...words] = process.argv.slice(2);
const option = (name, usual) => (words.find(word => word.startsWith(name + '=')) || '=' + usual).split('=')[1];

(async () => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
  const tab = await browser.newPage({
    colorScheme: words.includes('dark') ? 'dark' : 'light',
    viewport: { width: Number(option('width', 1200)), height: Number(option('height', 900)) },
  });
  tab.on('console', message => console.error(message.text()));
  tab.on('pageerror', error => console.error(String(error)));
  await tab.goto('file://' + path.resolve(page));
  const open = option('open', '');
  if (open) {
    await tab.evaluate(id => { document.getElementById(id).open = true; }, open);
    await tab.waitForTimeout(100);
    const field = tab.locator('#' + open + ' .field').nth(Number(option('field', 2)));
    await field.scrollIntoViewIfNeeded();
    await tab.mouse.move(3, 3);
    await field.hover();
    await tab.evaluate(id => document.getElementById(id).scrollIntoView({ block: 'start', behavior: 'instant' }), open);
    await tab.evaluate(() => scrollBy({ top: -60, behavior: 'instant' }));
  }
  await tab.screenshot({ path: out, fullPage: words.includes('full') });
  await browser.close();
})();
