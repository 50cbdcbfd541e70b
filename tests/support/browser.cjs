// Chromium looks at pages and pictures: node browser.cjs MODE DIRECTORY MODULES. What is wrong is printed, a line each;
// nothing if nothing is. For tests/interop_html.rs.
'use strict';
const fs = require('fs');
const http = require('http');
const path = require('path');

const [mode, directory, modules] = process.argv.slice(2);
const { chromium } = require(path.join(modules, 'playwright-core'));
const faults = [];
const fault = (file, what) => faults.push(path.basename(file) + ': ' + what);
const files = suffix => fs.readdirSync(directory).filter(name => name.endsWith(suffix)).sort().map(name => path.join(directory, name));

// A tab that notes whatever a page says, asks for or runs that it should not.
const watched = async (browser, file, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const tab = await context.newPage();
  const seen = { console: [], requests: [], errors: [], dialogs: 0 };
  tab.on('console', message => { if (['error', 'warning'].includes(message.type())) seen.console.push(message.text()); });
  tab.on('pageerror', error => seen.errors.push(String(error)));
  tab.on('request', request => { if (request.url() !== 'file://' + file) seen.requests.push(request.url()); });
  tab.on('dialog', dialog => { seen.dialogs++; dialog.dismiss(); });
  await tab.goto('file://' + file);
  return { tab, context, seen };
};
const quiet = (file, seen) => {
  for (const kind of ['console', 'requests', 'errors']) for (const one of seen[kind]) fault(file, kind + ': ' + one);
  if (seen.dialogs) fault(file, seen.dialogs + ' dialogs');
};

// No page is wider than its window, opened or not.
const widths = async (file, tab, sizes) => {
  for (const width of sizes) {
    await tab.setViewportSize({ width, height: 800 });
    const wide = await tab.evaluate(() => {
      const most = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= most) return null;
      const it = [...document.querySelectorAll('body *')].find(it => it.getBoundingClientRect().right > most + 1 && !it.closest('.scroll, .hex, .contents'));
      return document.documentElement.scrollWidth + (it ? ', ' + it.tagName + '.' + it.className : '');
    });
    if (wide) fault(file, 'at ' + width + ' px it is ' + wide + ' px wide');
  }
};

const drawn = tab => tab.evaluate(() => {
  const svg = [...document.querySelectorAll('svg')].find(it => it.getBoundingClientRect().width > 0);
  if (!svg) return 'no diagram';
  if (document.querySelector('parsererror')) return 'not well-formed';
  const box = svg.getBoundingClientRect();
  if (box.width < 250 || box.height < 30) return 'the diagram has ' + box.width + ' × ' + box.height;
  const [, , width, height] = svg.getAttribute('viewBox').split(' ').map(Number);
  const inner = svg.getBBox();
  if (inner.x < -1 || inner.y < -1 || inner.x + inner.width > width + 1 || inner.y + inner.height > height + 1) {
    return 'drawn over its edge: ' + [inner.x, inner.y, inner.width, inner.height] + ' in ' + [width, height];
  }
  const texts = [...svg.querySelectorAll('text')];
  const empty = texts.find(text => text.textContent.trim() && text.getBBox().width === 0);
  return empty ? 'not drawn: ' + empty.textContent : null;
});

// Every page: it loads in silence, fits every window, opened and closed, and draws its diagram.
const load = async browser => {
  for (const file of files('.html')) {
    const { tab, context, seen } = await watched(browser, file);
    if (await tab.locator('h2').count() !== 1) fault(file, 'no verdict');
    if (await tab.locator('svg').count()) {
      const wrong = await drawn(tab);
      if (wrong) fault(file, wrong);
    }
    await widths(file, tab, [360]);
    if (await tab.locator('svg').count()) {
      const wrong = await drawn(tab);
      if (wrong) fault(file, 'on a phone: ' + wrong);
    }
    const messages = tab.locator('details[data-message]');
    if (await messages.count()) {
      await tab.getByRole('button', { name: 'Open all messages' }).click();
      const empty = await tab.evaluate(() => [...document.querySelectorAll('details[data-message]')]
        .filter(it => !it.open || it.getBoundingClientRect().height < 40).length);
      if (empty) fault(file, empty + ' messages do not open');
      await widths(file, tab, [360]);
    }
    quiet(file, seen);
    await context.close();
  }
  for (const file of files('.svg')) {
    const { tab, context, seen } = await watched(browser, file);
    const wrong = await drawn(tab);
    if (wrong) fault(file, wrong);
    quiet(file, seen);
    await context.close();
  }
};

// Pointing at a field, or moving to it, lights its bytes, and the other way round. What is right stands in the JSON report.
const light = async browser => {
  for (const file of files('.html')) {
    const report = JSON.parse(fs.readFileSync(file.replace('.html', '.json')));
    const { tab, context, seen } = await watched(browser, file);
    const messages = report.connections[0].messages;
    let compared = 0;
    for (const [index, message] of messages.entries()) {
      const flat = [];
      const walk = fields => fields.forEach(field => { flat.push(field); walk(field.fields || field.children || []); });
      walk(message.fields);
      const details = tab.locator('#c0m' + index);
      if (!flat.length || !await details.count()) continue;
      await details.locator('> summary').click();
      await details.locator('.field').first().waitFor();
      const lit = pane => details.locator('.view').first().evaluate((view, pane) => [...view.querySelectorAll(pane + ' .lit')]
        .map(it => pane === '.fields' ? [Number(it.dataset.field)] : [Number(it.dataset.start), Number(it.dataset.end)]), pane);
      const rows = details.locator('.view').first().locator('.field');
      if (await rows.count() !== flat.length) { fault(file, message.type + ' has ' + await rows.count() + ' fields, not ' + flat.length); continue; }
      const right = async (at, how) => {
        const field = flat[at];
        const runs = (await lit('.hex')).sort((a, b) => a[0] - b[0]);
        const covered = new Set(runs.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)));
        const wanted = Array.from({ length: field.length }, (_, i) => field.offset + i);
        if (covered.size !== wanted.length || wanted.some(byte => !covered.has(byte))) {
          fault(file, how + ' ' + message.type + '.' + field.name + ' at ' + field.offset + ' lights ' + JSON.stringify(runs));
        }
        const fields = await lit('.fields');
        if (fields.length !== 1 || fields[0][0] !== at) fault(file, how + ': field ' + fields + ' is lit, not ' + at);
        compared++;
      };
      const view = details.locator('.view').first();
      const point = async it => {
        await it.scrollIntoViewIfNeeded();
        await tab.mouse.move(3, 3);
        await it.hover();
      };
      // Pointing at fields.
      for (let at = 0; at < flat.length; at += Math.max(1, Math.floor(flat.length / 6))) {
        await point(rows.nth(at));
        await right(at, 'pointing at');
      }
      // Pointing at bytes: the innermost field that has the byte.
      const runs = view.locator('.hex i[role=option]');
      for (let at = 0; at < await runs.count(); at += Math.max(1, Math.floor(await runs.count() / 4))) {
        await point(runs.nth(at));
        const byte = Number(await runs.nth(at).getAttribute('data-start'));
        const inner = flat.map((field, place) => [field, place]).filter(([field]) => field.offset <= byte && byte < field.offset + field.length).pop();
        await right(inner[1], 'pointing at byte ' + byte + ' of');
      }
      // With the keyboard, in both.
      await view.locator('.fields').focus();
      await tab.keyboard.press('Home');
      await right(0, 'at home,');
      await tab.keyboard.press('ArrowDown');
      if (flat.length > 1) await right(1, 'moving down to');
      await tab.keyboard.press('End');
      await right(flat.length - 1, 'at the end,');
      await tab.keyboard.press('Tab');
      const on = await tab.evaluate(() => document.activeElement.className);
      if (on !== 'hex') fault(file, 'behind the fields the focus is on ' + on);
      await tab.keyboard.press('Home');
      const first = flat.findIndex((field, place) => field.offset === 0 && field.length > 0 && !flat.some((inner, later) => later > place && inner.offset === 0 && inner.length > 0));
      await right(first, 'first bytes,');
      const said = await view.locator('.explain').textContent();
      if (!said.startsWith(flat[first].name)) fault(file, 'nothing is said of ' + flat[first].name + ': ' + said);
      await details.locator('> summary').click();
    }
    if (compared < 60) fault(file, 'only ' + compared + ' were compared');
    quiet(file, seen);
    await context.close();
  }
};

// What Tab reaches, in order; that Enter opens a message and a link of the diagram; dark and light; printed.
const use = async browser => {
  const file = files('.html')[0];
  const { tab, context, seen } = await watched(browser, file);
  const order = [];
  for (let i = 0; i < 200; i++) {
    await tab.keyboard.press('Tab');
    const on = await tab.evaluate(() => {
      const it = document.activeElement;
      const box = it.getBoundingClientRect();
      const style = getComputedStyle(it);
      const visible = box.width > 0 && box.height > 0;
      const ring = style.outlineStyle !== 'none' || it.matches('svg a');
      return it === document.body ? null : [it.tagName.toLowerCase(), it.textContent.trim().split('\n')[0].slice(0, 30), visible && ring];
    });
    if (!on) break;
    if (!on[2]) fault(file, 'focus can not be seen on ' + on);
    order.push(on[0] + ' ' + on[1]);
  }
  const at = needle => order.findIndex(one => one.startsWith(needle));
  const wanted = ['a Skip to the report', 'button Open all messages', 'button Close all', 'a Sequence', 'a Steps', 'a ClientHello', 'a ServerHello', 'summary 0'];
  wanted[wanted.length - 1] = 'summary';
  const places = wanted.map(at);
  if (places.some(place => place < 0) || places.some((place, i) => i && place < places[i - 1])) {
    fault(file, 'the order is ' + JSON.stringify(order.slice(0, 40)) + ', places ' + places);
  }
  await tab.locator('svg a').first().focus();
  await tab.keyboard.press('Enter');
  await tab.waitForTimeout(50);
  const opened = await tab.evaluate(() => [document.activeElement.tagName, document.activeElement.parentElement.open]);
  if (opened[0] !== 'SUMMARY' || !opened[1]) fault(file, 'an arrow of the diagram opens ' + opened);
  await tab.keyboard.press('Enter');
  if (await tab.evaluate(() => document.activeElement.parentElement.open)) fault(file, 'Enter does not close a message');

  const colors = () => tab.evaluate(() => ['body', '.verdict', '.seq .band', '.seq text'].map(selector => {
    const style = getComputedStyle(document.querySelector(selector));
    return style.backgroundColor + ' ' + style.color + ' ' + style.fill;
  }));
  const before = await colors();
  await tab.emulateMedia({ colorScheme: 'dark' });
  const after = await colors();
  before.forEach((color, i) => { if (color === after[i]) fault(file, 'the same in the dark: ' + color); });
  const dark = after[0].match(/\d+/g).slice(0, 3).map(Number);
  if (Math.max(...dark) > 60) fault(file, 'the dark is ' + after[0]);

  await tab.emulateMedia({ media: 'print' });
  const shown = await tab.evaluate(() => ['.contents', '.controls'].filter(selector => getComputedStyle(document.querySelector(selector)).display !== 'none'));
  if (shown.length) fault(file, 'printed are ' + shown);
  const pdf = await tab.pdf({ format: 'A4' });
  const pages = pdf.toString('latin1').split('/Type /Page\n').length - 1;
  if (pages < 2 || pages > 8) fault(file, 'printed on ' + pages + ' pages');
  await tab.emulateMedia({ media: 'screen' });
  await widths(file, tab, [360, 500, 800, 1280, 2560, 3840]);
  await tab.locator('details[data-message] > summary').first().click();
  await widths(file, tab, [360, 500, 800, 1280, 2560, 3840]);
  quiet(file, seen);
  await context.close();
};

// Several hundred connections: the table filters at once, another one is built when it is wanted, and the first comes back.
const many = async browser => {
  const [file] = files('.html');
  const began = Date.now();
  const { tab, context, seen } = await watched(browser, file);
  const took = Date.now() - began;
  if (took > 30000) fault(file, 'it opens in ' + took + ' ms');
  const count = await tab.evaluate(() => JSON.parse(document.getElementById('entries').textContent).length);
  if (count < 500) fault(file, count + ' connections');
  if (await tab.locator('#list tbody tr').count() !== 100) fault(file, 'the table shows ' + await tab.locator('#list tbody tr').count());
  const first = await tab.locator('#connection').innerHTML();
  // Limits that a busy machine keeps: what hangs is found by them, not what is slow.
  const timed = async (what, work) => {
    const from = Date.now();
    await work();
    if (Date.now() - from > 15000) fault(file, what + ' takes ' + (Date.now() - from) + ' ms');
  };
  await timed('filtering', () => tab.getByRole('searchbox').fill('stream 99'));
  if (await tab.locator('#list tbody tr').count() !== 1) fault(file, 'the filter finds ' + await tab.locator('#list tbody tr').count());
  await timed('another connection', () => tab.locator('#list tbody button').first().click());
  if (!await tab.locator('#c99').count()) fault(file, 'another connection is not shown');
  if (await tab.evaluate(() => document.activeElement.id) !== 'c99') fault(file, 'the focus is not on what was wanted');
  await tab.locator('#c99-steps summary').first().click();
  if (!await tab.locator('#c99-steps .field').count()) fault(file, 'its messages do not open');
  // The page does not have all of them whole, and says so.
  await tab.getByRole('searchbox').fill('stream 499');
  if (await tab.locator('#list tbody tr').count() !== 1) fault(file, 'the last one has no row');
  if (await tab.locator('#list tbody button').count()) fault(file, 'the last one is said to be whole');
  if (!await tab.locator('.partial').isVisible()) fault(file, 'nothing says that some are rows only');
  await tab.getByRole('searchbox').fill('');
  await tab.getByRole('button', { name: 'Show more rows' }).click();
  // Between two clicks a busy machine may take its time.
  for (let i = 0; i < 50 && await tab.locator('#list tbody tr').count() !== 200; i++) await tab.waitForTimeout(100);
  if (await tab.locator('#list tbody tr').count() !== 200) fault(file, 'there are ' + await tab.locator('#list tbody tr').count() + ' rows, not more');
  const number = await tab.locator('#connection').getAttribute('data-number');
  await tab.locator('#list button[data-number="' + number + '"]').click();
  if (await tab.locator('#connection').innerHTML() !== first) fault(file, 'the first one is not as it was');
  await widths(file, tab, [360, 1280]);
  quiet(file, seen);
  await context.close();
};

// Pages with what peers wrote run nothing and load nothing. That a page which does is noticed is shown by three of our own: one
// without any protection, and two of ours with somebody else's markup in them, one of them without the policy.
const hostile = async browser => {
  let asked = [];
  const server = http.createServer((request, answer) => { asked.push(request.url); answer.end('window.ran = true;'); });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const at = 'http://127.0.0.1:' + server.address().port;
  const look = async file => {
    asked = [];
    const { tab, context, seen } = await watched(browser, file);
    await tab.evaluate(() => document.querySelectorAll('details').forEach(it => { it.open = true; }));
    await tab.waitForTimeout(150);
    const ran = await tab.evaluate(() => window.ran === true);
    await context.close();
    return { ran, asked: asked.slice(), seen };
  };
  for (const file of files('.html')) {
    const { ran, asked, seen } = await look(file);
    if (ran || asked.length) fault(file, 'it runs ' + ran + ', asks for ' + asked);
    quiet(file, seen);
  }
  const evil = '<script>window.ran = true<\/script><img src="' + at + '/image" onerror="window.ran = true"><script src="' + at + '/script"><\/script>';
  const [ours] = files('.html');
  const page = fs.readFileSync(ours, 'utf8');
  const tries = {
    'bare.htm': ['<!DOCTYPE html><body>' + evil, true],
    'without-policy.htm': [page.replace(/<meta http-equiv[^>]*>/, '').replace('<main', evil + '<main'), true],
    'with-policy.htm': [page.replace('<main', evil + '<main'), false],
  };
  for (const [name, [text, gets]] of Object.entries(tries)) {
    const file = path.join(directory, name);
    fs.writeFileSync(file, text);
    const { ran, asked } = await look(file);
    if (ran !== gets || (asked.length > 0) !== gets) fault(file, 'counter-proof: it runs ' + ran + ', asks for ' + asked);
  }
  server.close();
};

// No serious fault of accessibility, in the light and in the dark, with messages opened.
const accessible = async browser => {
  const axe = fs.readFileSync(path.join(modules, 'axe-core', 'axe.min.js'), 'utf8');
  for (const file of files('.html')) {
    for (const colorScheme of ['light', 'dark']) {
      const { tab, context } = await watched(browser, file, { colorScheme, bypassCSP: true });
      for (const summary of await tab.locator('.steps summary.line').all()) {
        await summary.click();
        if (await tab.locator('.view').count() > 1) break;
      }
      if (await tab.locator('.field').count()) await tab.locator('.field').nth(1).hover();
      await tab.evaluate(axe);
      const found = await tab.evaluate(() => axe.run({ resultTypes: ['violations'] }));
      for (const one of found.violations) {
        if (!['serious', 'critical', 'moderate'].includes(one.impact)) continue;
        fault(file, colorScheme + ': ' + one.impact + ' ' + one.id + ': ' + one.nodes.slice(0, 3).map(node => node.target + ' ' + node.failureSummary.split('\n').slice(1, 2)).join(' | '));
      }
      await context.close();
    }
  }
};

// Whatever hangs is told.
setTimeout(() => { console.log(mode + ': no end after 480 s'); process.exit(1); }, 480000).unref();

(async () => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  await ({ load, light, use, many, hostile, accessible })[mode](browser);
  await browser.close();
  console.log(faults.join('\n'));
})().catch(error => { console.log(error.stack); process.exitCode = 1; });
