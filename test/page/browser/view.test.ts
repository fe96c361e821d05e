/** The view page in a real browser: what arrives, what is searched, how one moves about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  numbered,
  openPage,
  rowOf,
  send,
  shownMessages,
  skip,
  startPages,
  until,
  untilGone,
  untilLine,
  untilShown,
} from './browser.ts';

test('view: an empty store shows how to send the first log, and then shows it', { skip }, async (t) => {
  const { url } = await startPages(t);
  const page = await openPage(t, `${url}/view`);
  await page.locator('.first-run').waitFor();
  const commands = await page.locator('.command pre').allTextContents();
  assert.ok(
    commands.every((command) => command.includes(url)),
    'every command has the address of this server',
  );
  for (const wanted of [/^curl /, /--source syslog/, /type="omprog"/, /^docker logs/]) {
    assert.ok(
      commands.some((command) => wanted.test(command)),
      `${wanted}`,
    );
  }
  await send(url, { message: 'the very first' });
  await untilShown(page, 'the very first', 1_000);
  assert.equal(await page.locator('.first-run').count(), 0);
});

test('view: an entry that is posted is on the page within a second', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(200));
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'line 199');
  await untilLine(page, 'live');
  await send(url, { message: 'fresh', level: 'ERROR' });
  await untilShown(page, 'fresh', 1_000);
  const bars = await until(
    'the figures count it too',
    () => page.locator('.facet.level-error .facet-count').textContent(),
    (count) => count === '1',
  );
  assert.equal(bars, '1');
});

test('view: scrolling up pauses, what arrives is counted, and the pill leads back', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(250));
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'line 249');
  await untilLine(page, 'live');
  await page.mouse.move(640, 400);
  await page.mouse.wheel(0, -900);
  await untilLine(page, 'paused');
  await untilGone(page, 'line 249');
  const before = await shownMessages(page);
  await send(url, { message: 'new one' }, { message: 'new error', level: 'ERROR' }, { message: 'new two' });
  const pill = page.locator('.pill');
  await until(
    'the pill counts',
    () => pill.textContent(),
    (text) => text === '3 new, 1 error',
  );
  await until(
    'the title counts too',
    () => page.title(),
    (title) => title === '(3) logd',
  );
  assert.deepEqual(await shownMessages(page), before, 'nothing moves while one reads');
  await pill.click();
  await untilShown(page, 'new two');
  await untilLine(page, 'live');
});

test('view: older entries are loaded as one scrolls up, without a jump', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(1_000));
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'line 999');
  const loaded = () => page.locator('.status-loaded').textContent();
  assert.equal(await loaded(), '300 loaded');
  await page.mouse.move(640, 400);
  await page.mouse.wheel(0, -4_500);
  await untilLine(page, 'paused');
  const middle = async () => (await shownMessages(page)).at(10);
  const read = await middle();
  await until('another page has come', loaded, (text) => text === '600 loaded');
  assert.equal(await middle(), read, 'the row that one reads stays where it is');
  await until(
    'all are there',
    async () => {
      await page.keyboard.press('g');
      return loaded();
    },
    (text) => text === '1,000 loaded, back to the oldest',
  );
  await page.keyboard.press('g');
  await untilShown(page, 'line 0');
});

test('view: a search filters on the server, and its words are marked', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(50), { message: 'a needle in it', level: 'ERROR', fields: { 'http.status': 404 } });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'a needle in it');
  await page.keyboard.press('/');
  await page.keyboard.type('NEEDLE http.status:404');
  await page.keyboard.press('Enter');
  await untilGone(page, 'line 49');
  assert.deepEqual(await shownMessages(page), ['a needle in it']);
  assert.deepEqual(await page.locator('.row:not([hidden]) mark').allTextContents(), ['needle']);
  assert.equal(new URL(page.url()).searchParams.get('query'), 'NEEDLE http.status:404');
  await send(
    url,
    { message: 'line that does not match' },
    { message: 'another needle', fields: { 'http.status': 404 } },
  );
  await untilShown(page, 'another needle');
  assert.equal((await shownMessages(page)).length, 2);
  await page.goBack();
  await untilShown(page, 'line 49');
  await page.goForward();
  await untilGone(page, 'line 49');
  assert.equal(await page.locator('#search').inputValue(), 'NEEDLE http.status:404');
});

test('view: a query that does not parse is shown where, and changes nothing', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'still here' });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'still here');
  await page.locator('#search').fill('still level:blue');
  const fault = page.locator('.fault');
  await fault.waitFor();
  assert.equal(await fault.getAttribute('data-position'), '12');
  assert.equal(await fault.locator('em').textContent(), 'blue');
  assert.match((await fault.textContent()) ?? '', /Expected debug, info/);
  assert.deepEqual(await shownMessages(page), ['still here']);
  await page.locator('#search').fill('still');
  await fault.waitFor({ state: 'detached' });
  await page.locator('#search').fill('(still');
  await fault.waitFor();
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'search', 'a fault is mended where it is');
  await page.keyboard.press('Escape');
  await page.keyboard.press('F');
  await fault.waitFor({ state: 'detached' });
  await until(
    'the box is empty',
    () => page.locator('#search').inputValue(),
    (value) => value === '',
  );
});

test('view: the search box completes keys and values from the keyboard', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'found', client_id: 'web one', fields: { user: 'ann' } }, { message: 'other' });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'found');
  await until(
    'the clients are known',
    () => page.locator('.facet.client').count(),
    (count) => count === 2,
  );
  await page.keyboard.press('/');
  await page.keyboard.type('cli');
  await page.locator('.completion').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.type('one');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.type('us');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await page.locator('#search').inputValue(), 'client:"web one" user:ann ');
  await page.keyboard.press('Enter');
  await untilGone(page, 'other');
  await untilShown(page, 'found');
});

test('view: a facet asks for only this, for this too, for all but this', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'bad', level: 'ERROR' }, { message: 'so so', level: 'WARNING' }, { message: 'fine' });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'fine');
  const box = page.locator('#search');
  const facet = (level: string) => page.locator(`.facet.level-${level}`);
  await until(
    'the facet counts',
    () => facet('error').locator('.facet-count').textContent(),
    (text) => text === '1',
  );
  await facet('error').click();
  await untilGone(page, 'fine');
  assert.deepEqual(await shownMessages(page), ['bad']);
  assert.equal(await facet('info').locator('.facet-count').textContent(), '1', 'what another click would give is told');
  await facet('warning').click({ modifiers: ['Shift'] });
  await untilShown(page, 'so so');
  assert.equal(await box.inputValue(), '(level:error OR level:warning)');
  await page.keyboard.press('F');
  await untilShown(page, 'fine');
  await facet('info').click({ modifiers: ['Alt'] });
  await untilGone(page, 'fine');
  assert.equal(await box.inputValue(), '-level:info');
});

test('view: facets count what the filter leaves, each as a click on it would, and move with what arrives', {
  skip,
}, async (t) => {
  const { url } = await startPages(t);
  const from = (client_id: string, level: string) => ({ message: 'disk full', client_id, level });
  await send(url, from('a', 'ERROR'), from('a', 'ERROR'), from('b', 'ERROR'), from('b', 'INFO'));
  await send(url, { message: 'calm', client_id: 'c' });
  const page = await openPage(t, `${url}/view?query=disk%20level%3Aerror%20client%3Aa`);
  const counts = async () =>
    Object.fromEntries(
      await page.locator('.facet').evaluateAll((all) =>
        all.flatMap((one) => {
          const count = one.querySelector('.facet-count');
          return count ? [[one.querySelector('.facet-name')?.textContent, count.textContent]] : [];
        }),
      ),
    );
  const isSo = (wanted: Record<string, string>) => (now: Record<string, string>) =>
    Object.entries(wanted).every(([name, count]) => now[name] === count);
  await until('counted', counts, isSo({ error: '2', info: '0', a: '2', b: '1', c: '0' }));
  await send(url, from('a', 'ERROR'));
  await until('it moves', counts, isSo({ error: '3', a: '3', b: '1' }));
});

test('view: a view is saved, found again after a reload, and removed', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'bad', level: 'ERROR' }, { message: 'fine' });
  const page = await openPage(t, `${url}/view?query=level:error&since=24h`);
  await untilShown(page, 'bad');
  await page.getByRole('button', { name: 'Save this view' }).click();
  await page.goto(`${url}/view`);
  await untilShown(page, 'fine');
  await page.getByRole('button', { name: 'level:error · last 24h', exact: true }).click();
  await untilGone(page, 'fine');
  assert.equal(new URL(page.url()).search, '?query=level%3Aerror&since=24h');
  await page.getByRole('button', { name: 'Remove the view' }).click();
  await page.locator('.saved').waitFor({ state: 'detached' });
});

test('view: an entry opens with its fields and context; a field filters; the link leads back to it', {
  skip,
}, async (t) => {
  const { url } = await startPages(t);
  await send(
    url,
    ...numbered(30),
    { message: 'the one', fields: { user: 'ann', 'trace.id': 'abc' } },
    { message: 'after it' },
  );
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'the one');
  await rowOf(page, 'the one').click();
  const detail = page.locator('.detail');
  await detail.waitFor();
  await until(
    'ten before, itself, one after',
    () => detail.locator('.context li').count(),
    (count) => count === 12,
  );
  assert.equal(await detail.locator('.message').textContent(), 'the one');
  const link = page.url();
  assert.match(link, /entry=/);

  const other = await openPage(t, link);
  await other.locator('.detail .message').waitFor();
  assert.equal(await other.locator('.detail .message').textContent(), 'the one');

  await detail.getByRole('button', { name: 'ann', exact: true }).click();
  await untilGone(page, 'line 29');
  assert.deepEqual(await shownMessages(page), ['the one']);
  await page.keyboard.press('Escape');
  await detail.waitFor({ state: 'detached' });
});

test('view: the keyboard alone finds, opens, marks and comes back', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(40), { message: 'boom', level: 'ERROR' }, { message: 'calm' });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'calm');
  await page.keyboard.press('E');
  await until(
    'the error is chosen',
    () => page.locator('.row.selected .row-message').textContent(),
    (text) => text === 'boom',
  );
  await page.keyboard.press('Enter');
  await page.locator('.detail .message').waitFor();
  await page.keyboard.press('k');
  await until(
    'the one above is open',
    () => page.locator('.detail .message').textContent(),
    (text) => text === 'line 39',
  );
  await page.keyboard.press('j');
  await page.keyboard.press('p');
  await rowOf(page, 'boom').locator('.flag-pin').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('4');
  await untilGone(page, 'calm');
  assert.equal(await page.locator('#search').inputValue(), 'level>=error');
  await page.keyboard.press('?');
  await page.locator('dialog[open]').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('F');
  await page.keyboard.press('G');
  await untilShown(page, 'calm');
  await untilLine(page, 'live');
});

test('view: a drag over the chart is a range; a double click takes it back', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(600));
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'line 599');
  const plot = page.locator('.chart-plot');
  const box = await plot.boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width * 0.3, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 25, { steps: 4 });
  await page.mouse.up();
  await untilGone(page, 'line 599');
  assert.match(page.url(), /since=.*until=/);
  await page.locator('.connection.fixed').waitFor();
  await until(
    'its rows have come',
    () => shownMessages(page),
    (all) => all.length > 5,
  );
  await plot.dblclick();
  await untilShown(page, 'line 599');
  assert.doesNotMatch(page.url(), /since/);
});

test('view: wrapping shows long lines whole and keeps the place', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(60), { message: `${'long '.repeat(100)}end` }, { message: 'last' });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'last');
  await page.keyboard.press('z');
  const height = await until(
    'the long row is high',
    async () => (await rowOf(page, 'long long').boundingBox())?.height ?? 0,
    (now) => now > 50,
  );
  const text = await rowOf(page, 'long long')
    .locator('.row-message')
    .evaluate((cell) => cell.scrollHeight <= cell.clientHeight + 1);
  assert.ok(text, `its ${height} pixels hold all of its text`);
  await untilShown(page, 'last');
});

test('view: at 390 pixels everything is within reach', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(40), { message: `wide ${'x'.repeat(500)}` });
  const page = await openPage(t, `${url}/view`, { viewport: { width: 390, height: 844 }, hasTouch: true });
  await until(
    'rows are shown',
    () => shownMessages(page),
    (all) => all.length > 5,
  );
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} pixels wider than the screen`);
  await page.locator('.facets-toggle').click();
  await page.locator('.facet.level-info').click();
  await page.locator('.facets-toggle').click();
  await rowOf(page, 'line 39').click();
  await page.locator('.detail .message').waitFor();
  await page.locator('.acts').getByRole('button', { name: 'Pin' }).click();
  await page.locator('.detail').getByRole('button', { name: 'Close' }).click();
  await rowOf(page, 'line 39').locator('.flag-pin').waitFor();
});
