/** The live line of the pages when it breaks, rests and comes back. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  atEnd,
  numbered,
  openPage,
  openTab,
  send,
  shownMessages,
  skip,
  startPages,
  stored,
  until,
  untilLine,
  untilShown,
} from './browser.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

test('line: a server killed and started again leaves no gap and no repeat', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'logd-page-'));
  atEnd(t, () => rm(folder, { recursive: true, force: true }));
  const first = await startServer(t, folder, 0);
  await send(first.url, ...numbered(5, 'before'));
  const page = await openPage(t, `${first.url}/view`, { mayComplain: /ERR_|Failed to load/ });
  await untilShown(page, 'before 4');
  await untilLine(page, 'live');
  await send(first.url, ...numbered(5, 'during'));
  await untilShown(page, 'during 4');
  first.child.kill('SIGKILL');
  await untilLine(page, 'waiting');
  assert.equal(await page.locator('.connection-word').textContent(), 'Reconnecting');
  assert.equal((await shownMessages(page)).length, 10, 'what was there stays');
  const second = await startServer(t, folder, Number(new URL(first.url).port));
  await send(second.url, ...numbered(5, 'after'));
  await untilShown(page, 'after 4', 15_000);
  await untilLine(page, 'live');
  const wanted = ['before', 'during', 'after'].flatMap((word) => numbered(5, word).map(({ message }) => message));
  assert.deepEqual(await shownMessages(page), wanted);
});

test('line: a hidden page rests, and has missed nothing when it is shown again', { skip }, async (t) => {
  const server = await startPages(t);
  await send(server.url, { message: 'seen' });
  const page = await openPage(t, `${server.url}/view`);
  await untilShown(page, 'seen');
  await untilLine(page, 'live');
  await setVisibility(page, 'hidden');
  await untilLine(page, 'closed');
  await send(server.url, ...numbered(30, 'unwatched'));
  const [entry] = (await server.get('/api/logs?query=seen')).json.logs;
  await server.post(`/api/logs/${entry.uuid}/pin`);
  assert.deepEqual(await shownMessages(page), ['seen']);
  await setVisibility(page, 'visible');
  await untilShown(page, 'unwatched 29');
  assert.equal((await page.locator('.status-loaded').textContent())?.startsWith('31 loaded'), true);
  await page.locator('.flag-pin').waitFor({ state: 'attached' });
});

test('line: after a long rest a page that follows shows the newest, without all that came before', {
  skip,
}, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'seen' });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'seen');
  await setVisibility(page, 'hidden');
  await untilLine(page, 'closed');
  await send(url, ...numbered(2_000, 'unwatched'));
  await page.evaluate(() => {
    const now = Date.now;
    Date.now = () => now() + 600_000;
  });
  await setVisibility(page, 'visible');
  await untilShown(page, 'unwatched 1999');
  await untilLine(page, 'live');
  assert.equal(await page.locator('.status-loaded').textContent(), '300 loaded');
});

test('line: what a page was too slow for is a row that says how much, and loads on a click', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(5, 'flood'));
  const [first, , , , last] = (await stored(url, 'flood')).reverse();
  assert.ok(first && last);
  const page = await openPage(t, `${url}/sign-in`, { isAlone: true });
  await page.route(/\/api\/logs\?/, (route) => route.fulfill({ json: { logs: [first], cursor: null } }));
  await page.route(
    /\/stream-logs/,
    (route) =>
      route.fulfill({
        contentType: 'text/event-stream',
        body: [
          `event: tick\nid: ${first.uuid}\ndata: {"id":"${first.uuid}"}\n\n`,
          'event: gap\ndata: {"missed":3}\n\n',
          `id: ${last.uuid}\ndata: ${JSON.stringify([last])}\n\n`,
        ].join(''),
      }),
    { times: 1 },
  );
  await page.goto(`${url}/view`);
  const gap = page.locator('.row.gap:not([hidden])');
  await gap.waitFor();
  assert.equal(await gap.textContent(), '3 entries skipped — load');
  await gap.click();
  await gap.waitFor({ state: 'detached' });
  assert.deepEqual(
    await shownMessages(page),
    numbered(5, 'flood').map(({ message }) => message),
  );
});

test('line: a server that is away at the start is said, and found when it comes', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'there' });
  const page = await openPage(t, `${url}/sign-in`, { isAlone: true, mayComplain: /ERR_|Failed to load/ });
  const blocked = /\/(api|stream-logs)/;
  await page.route(blocked, (route) => route.abort());
  await page.goto(`${url}/view`);
  const fault = page.locator('.nothing');
  await fault.waitFor();
  assert.match((await fault.textContent()) ?? '', /cannot be reached/);
  await untilLine(page, 'waiting');
  await page.unroute(blocked);
  await untilShown(page, 'there', 15_000);
});

test('line: all tabs share one stream, whatever they show, and each gets what it asked for', { skip }, async (t) => {
  const server = await startPages(t);
  const { url } = server;
  await send(url, { message: 'first' });
  const all = await openPage(t, `${url}/view`);
  await untilShown(all, 'first');
  await untilLine(all, 'live');
  const errors = await openTab(all, `${url}/view?query=level%3Aerror`);
  const words = await openTab(all, `${url}/view?query=disk%20OR%20fan`);
  const tickets = await openTab(all, `${url}/tickets`);
  for (const tab of [errors, words, tickets]) await untilLine(tab, 'live');
  await untilStreams(server, 1);
  await send(url, { message: 'plain' }, { message: 'disk full', level: 'ERROR' }, { message: 'fan stands still' });
  await untilShown(all, 'fan stands still');
  await untilShown(words, 'fan stands still');
  await untilShown(errors, 'disk full');
  assert.deepEqual(await shownMessages(all), ['first', 'plain', 'disk full', 'fan stands still']);
  assert.deepEqual(await shownMessages(words), ['disk full', 'fan stands still']);
  assert.deepEqual(await shownMessages(errors), ['disk full']);

  // The one that wanted all goes: the others go on over one stream.
  await all.close();
  await send(url, { message: 'plain again' }, { message: 'disk gone', level: 'ERROR' });
  await untilShown(errors, 'disk gone');
  await untilShown(words, 'disk gone');
  const [entry] = await stored(url, '"disk gone"');
  await server.post(`/api/logs/${entry?.uuid}/ticket`);
  await tickets.locator('.card').filter({ hasText: 'disk gone' }).waitFor();
  await untilStreams(server, 1);

  // A tab that rested catches up, and brings the others nothing twice.
  await setVisibility(words, 'hidden');
  await untilLine(words, 'closed');
  await send(url, ...numbered(20, 'disk'));
  await setVisibility(words, 'visible');
  await untilShown(words, 'disk 19');
  await send(url, { message: 'disk the last', level: 'ERROR' });
  await untilShown(words, 'disk the last');
  await untilShown(errors, 'disk the last');
  assert.deepEqual(await shownMessages(errors), ['disk full', 'disk gone', 'disk the last']);
  assert.equal((await shownMessages(words)).filter((message) => message === 'disk 19').length, 1);
  await untilStreams(server, 1);

  // What the server may have to cut off is kept apart.
  const regex = await openTab(errors, `${url}/view?query=${encodeURIComponent('/fan.*still/')}`);
  await untilShown(regex, 'fan stands still');
  await untilStreams(server, 2);
  await regex.close();
  await untilStreams(server, 1);
  for (const tab of [errors, words, tickets]) await setVisibility(tab, 'hidden');
  await untilStreams(server, 0);
});

test('line: without shared workers, or with one that cannot be loaded, a page has a line of its own', {
  skip,
}, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'first' });
  const alone = await openPage(t, `${url}/view`, { isAlone: true });
  const broken = await openPage(t, `${url}/sign-in`, { mayComplain: /ERR_|Failed to load/ });
  await broken.context().addInitScript(() => {
    // A worker that is never heard of.
    Object.defineProperty(window, 'SharedWorker', {
      value: class {
        port = { postMessage: () => {} };
      },
    });
  });
  await broken.goto(`${url}/view`);
  for (const page of [alone, broken]) await untilLine(page, 'live');
  await send(url, { message: 'second' });
  for (const page of [alone, broken]) await untilShown(page, 'second');
});

async function untilStreams(server: Awaited<ReturnType<typeof startPages>>, wanted: number): Promise<void> {
  await until(
    `${wanted} streams are open`,
    async () => Number(/^logd_viewers (\d+)/m.exec((await server.get('/metrics')).text)?.[1]),
    (count) => count === wanted,
  );
}

async function startServer(
  t: TestContext,
  folder: string,
  port: number,
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--port', String(port), '--data', join(folder, 'data')], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  atEnd(t, async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await until(
    'it listens',
    async () => printed,
    (text) => /listening on \S+\n/.test(text),
    20_000,
  );
  return { child, url: /listening on (\S+)/.exec(printed)?.[1] ?? '' };
}

/** As a browser tells a page that its tab is in the background. */
async function setVisibility(page: Awaited<ReturnType<typeof openPage>>, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate((wanted) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => wanted });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}
