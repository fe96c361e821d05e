/** What a person can do on the view page besides reading: each act once, as a person does it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import {
  numbered,
  openPage,
  openTab,
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

const clipboardText = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

test('acts: what matches, and what is chosen, is exported as NDJSON, CSV and text', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(350), { message: '=1+1, "quoted"', level: 'ERROR', fields: { user: 'ann' } });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, '=1+1, "quoted"');
  const saved = async (format: string) => {
    const download = page.waitForEvent('download');
    await page.locator('.status .export > button').click();
    await page.locator('.status .menu').getByRole('button', { name: format }).click();
    const file = await download;
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
  };
  const ndjson = await saved('NDJSON');
  const lines = ndjson.text.trimEnd().split('\n');
  assert.match(ndjson.name, /^logd-.*\.ndjson$/);
  assert.equal(lines.length, 351, 'more than is loaded');
  assert.equal(JSON.parse(lines[0] ?? '').message, 'line 0');
  assert.deepEqual(JSON.parse(lines.at(-1) ?? '').fields, { user: 'ann' });
  const csv = await saved('CSV');
  assert.ok(csv.text.includes(`"'=1+1, ""quoted"""`), 'no spreadsheet runs it');
  await rowOf(page, 'line 349').click({ modifiers: ['Control'] });
  await rowOf(page, 'line 347').click({ modifiers: ['Shift'] });
  const text = await saved('Text');
  assert.deepEqual(
    text.text
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(-8)),
    ['line 347', 'line 348', 'line 349'],
  );
});

test('acts: an entry, its JSON, its link and several entries are copied', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'one' }, { message: 'two' }, { message: 'three' });
  const page = await openPage(t, `${url}/view`, { permissions: ['clipboard-read', 'clipboard-write'] });
  await untilShown(page, 'three');
  await rowOf(page, 'two').click();
  const detail = page.locator('.detail');
  await page.keyboard.press('y');
  await until(
    'the line',
    () => clipboardText(page),
    (text) => /^\S+ \S+ \[INFO\] web-1: two$/.test(text),
  );
  await detail.getByRole('tab', { name: 'Raw' }).click();
  assert.match(
    (await detail.locator('.raw').textContent()) ?? '',
    /^\S+ \S+ - \[INFO\] - \[web-1\] - \[ID:.{36}\] - two$/,
  );
  await detail.getByRole('button', { name: 'Copy as it stands in app.log' }).click();
  await until(
    'as it stands',
    () => clipboardText(page),
    (text) => text.endsWith('] - two'),
  );
  await detail.getByRole('tab', { name: 'JSON' }).click();
  await detail.getByRole('button', { name: 'Copy as JSON' }).click();
  await until(
    'the JSON',
    () => clipboardText(page),
    (text) => text.startsWith('{') && JSON.parse(text).message === 'two',
  );
  await detail.getByRole('button', { name: 'Copy the link' }).click();
  await until(
    'the link',
    () => clipboardText(page),
    (text) => text.startsWith(`${url}/view?entry=`),
  );
  await rowOf(page, 'one').click({ modifiers: ['Control'] });
  await rowOf(page, 'three').click({ modifiers: ['Control'] });
  await page.locator('.chosen').getByRole('button', { name: 'Copy' }).click();
  await until(
    'both',
    () => clipboardText(page),
    (text) => text.split('\n').length === 2 && text.endsWith('three'),
  );
});

test('acts: next and previous match, error and warning; the choice is kept in view', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(
    url,
    ...numbered(60),
    { message: 'hit A' },
    { message: 'bad A', level: 'ERROR' },
    ...numbered(60, 'more'),
    { message: 'hit B' },
    { message: 'warn B', level: 'WARNING' },
    ...numbered(5, 'end'),
  );
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'end 4');
  const chosen = async (message: string) => {
    await until(
      `"${message}" is chosen`,
      () => page.locator('.row.selected .row-message').textContent(),
      (text) => text === message,
    );
    assert.ok((await shownMessages(page)).includes(message), 'and in view');
  };
  for (const [key, message] of [
    ['W', 'warn B'],
    ['E', 'bad A'],
    ['w', 'warn B'],
    ['e', 'bad A'],
  ] as const) {
    await page.keyboard.press(key);
    await chosen(message);
  }
  await page.keyboard.press('Escape');
  await page.keyboard.press('G');
  await page.locator('#search').fill('hit OR end');
  await untilGone(page, 'more 59');
  await page.locator('#search').press('Enter');
  for (const [key, message] of [
    ['N', 'end 4'],
    ['N', 'end 3'],
    ['n', 'end 4'],
  ] as const) {
    await page.keyboard.press(key);
    await chosen(message);
  }
});

test('acts: zone, colours, density and wrapping are kept, and shared between tabs', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'winter', timestamp: Date.UTC(2026, 0, 15, 12) });
  const page = await openPage(t, `${url}/view`, { timezoneId: 'Europe/Berlin' });
  await untilShown(page, 'winter');
  const tab = await openTab(page, `${url}/view`);
  await untilShown(tab, 'winter');
  await page.bringToFront();
  const timeOf = (one: Page) => rowOf(one, 'winter').locator('.row-time').textContent();
  const ground = (one: Page) => one.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const height = async (one: Page) => (await rowOf(one, 'winter').boundingBox())?.height ?? 0;
  assert.match((await timeOf(page)) ?? '', /12:00:00/);
  await page.getByRole('button', { name: 'UTC' }).click();
  for (const one of [page, tab])
    await until(
      'local time',
      () => timeOf(one),
      (text) => /13:00:00/.test(text ?? ''),
    );
  const light = await ground(page);
  await page.getByRole('button', { name: 'Colours: as the system' }).click();
  await page.getByRole('button', { name: 'Colours: light' }).click();
  for (const one of [page, tab])
    await until(
      'dark',
      () => ground(one),
      (colour) => colour !== light,
    );
  const low = await height(page);
  await page.getByRole('button', { name: 'Relaxed' }).click();
  for (const one of [page, tab])
    await until(
      'relaxed',
      () => height(one),
      (now) => now > low,
    );
  await page.getByRole('button', { name: 'Wrap' }).click();
  await tab.reload();
  await untilShown(tab, 'winter');
  assert.match((await timeOf(tab)) ?? '', /13:00:00/);
  assert.equal(await tab.getByRole('button', { name: 'Wrap' }).getAttribute('aria-pressed'), 'true');
});

test('acts: colours of a message are shown as colours, and nothing else of it', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: '\u001b[31mred\u001b[0m plain \u001b[1;92mgreen\u001b[m \u001b[2Jend' });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'red plain green \\x1b[2Jend');
  const row = rowOf(page, 'red plain');
  assert.equal(await row.locator('.ansi-1').textContent(), 'red');
  assert.equal(await row.locator('.ansi-10.ansi-bold').textContent(), 'green');
});

test('acts: a pause is counted in the title, survives a selection of text, and ends with G', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(20));
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'line 19');
  await untilLine(page, 'live');
  await page.keyboard.press('Space');
  await untilLine(page, 'paused');
  await send(url, { message: 'while paused' }, { message: 'bad', level: 'ERROR' });
  await until(
    'it is counted',
    () => page.title(),
    (title) => title.startsWith('(2) '),
  );
  assert.equal(await page.locator('.pill').textContent(), '2 new, 1 error');
  await page.keyboard.press('G');
  await untilShown(page, 'bad');
  await until(
    'it is not counted',
    () => page.title(),
    (title) => !title.startsWith('('),
  );
  await page.evaluate(() => {
    const message = document.querySelector('.row:not([hidden]) .row-message');
    if (message) document.getSelection()?.selectAllChildren(message);
  });
  await untilLine(page, 'paused');
});

test('acts: one sees it load over a slow line, and what arrives meanwhile is there', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(400));
  // A line of its own: what a shared worker loads cannot be slowed down.
  const page = await openPage(t, `${url}/healthz`, { isAlone: true, mayComplain: /404/ });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 300,
    downloadThroughput: 60_000,
    uploadThroughput: 30_000,
  });
  await page.goto(`${url}/view`, { waitUntil: 'commit' });
  await page.locator('.top').waitFor();
  await send(url, { message: 'sent meanwhile' });
  await untilShown(page, 'sent meanwhile', 20_000);
  await untilLine(page, 'live');
  await page.locator('.facet.level-info').click();
  await until(
    'it is asked',
    async () => page.url(),
    (address) => address.includes('query='),
  );
  await send(url, { message: 'and once more' });
  await untilShown(page, 'and once more', 20_000);
  const messages = await shownMessages(page);
  assert.equal(new Set(messages).size, messages.length, 'nothing stands there twice');
});
