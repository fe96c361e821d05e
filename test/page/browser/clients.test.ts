/** The clients page: who sends, through which agent, and what is wrong with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { type AgentReport, writeAgentReport } from '../../../src/api/agent-report.ts';
import { realClock } from '../../../src/system/clock.ts';
import { reportOf } from '../../support/agent-report.ts';
import { openPage, send, shownMessages, skip, startPages, until, untilShown } from './browser.ts';

async function tell(url: string, report: Partial<AgentReport>): Promise<void> {
  const response = await fetch(`${url}/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', 'logd-agent': writeAgentReport(reportOf(report)) },
  });
  assert.equal(response.status, 200);
}

function lineOf(page: Page, client: string) {
  return page.locator('.client-line').filter({ has: page.getByRole('link', { name: client, exact: true }) });
}

/** What stands in it, one thing beside the other. */
async function cell(page: Page, client: string, label: string): Promise<string> {
  const parts = await lineOf(page, client)
    .locator(`[data-label="${label}"]`)
    .evaluate((element) => [...element.childNodes].map((node) => node.textContent));
  return parts.filter((text) => text !== '').join(' | ');
}

const full = { batches: 9, lines: 3_400, bytes: 900_000, max_bytes: 1_000_000, oldest_ms: 12_000 };

test('clients: shows of each agent its lag, spool and gaps, what asks for attention first', { skip }, async (t) => {
  const clock = { ...realClock, agoMs: 0, monotonicMs: () => realClock.monotonicMs() - clock.agoMs };
  const { url } = await startPages(t, { clock });
  const ids = ['a-well', 'b-full', 'c-gaps', 'd-silent', 'e-alone'];
  await send(url, ...ids.map((client_id) => ({ message: `from ${client_id}`, client_id })));
  clock.agoMs = 45_000;
  await tell(url, { producer: 'd', clients: ['d-silent'] });
  clock.agoMs = 0;
  await tell(url, { producer: 'a', clients: ['a-well'] });
  await tell(url, { producer: 'b', clients: ['b-full'], spool: full });
  await tell(url, { producer: 'c', clients: ['c-gaps'], gaps: { events: 3, lines: 1_204, unknown: 1 } });
  await tell(url, { producer: 'f', clients: ['f-new'], sources: [{ name: 'stdin' }], stopped: true });
  const page = await openPage(t, `${url}/clients`);
  await until(
    'all are there',
    () => page.locator('.client-name').allTextContents(),
    (names) => names.join(' ') === 'd-silent b-full c-gaps a-well e-alone f-new',
  );
  assert.match(await cell(page, 'd-silent', 'Agent'), /^silent for 4\d s/);
  assert.match(await cell(page, 'a-well', 'Agent'), /^reporting \| web-1\.example\.org · file · 0\.1\.0$/);
  assert.match(await cell(page, 'e-alone', 'Agent'), /^no agent$/);
  assert.match(await cell(page, 'f-new', 'Agent'), /^stopped/);
  assert.equal(await cell(page, 'f-new', 'Last entry'), 'none yet');
  assert.equal(await cell(page, 'b-full', 'Lag'), '12 s');
  assert.equal(await cell(page, 'b-full', 'Spool'), '90% full | 3,400 lines');
  assert.equal(await cell(page, 'c-gaps', 'Gaps'), '3 | 1,204 lines lost, 1 of unknown size');
  const warned = await page
    .locator('.trouble')
    .evaluateAll((cells) => cells.map((one) => one.getAttribute('data-label')));
  assert.deepEqual(warned, [null, 'Spool', 'Gaps'], 'the badge above and two figures');
  assert.equal(await page.locator('.places .badge.trouble').textContent(), '2');
  assert.equal(await page.title(), 'Clients (2) · logd');
});

test('clients: the rate is told, and a spool that empties is seen to', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'first' });
  await tell(url, { spool: full });
  const page = await openPage(t, `${url}/clients`);
  await lineOf(page, 'web-1').locator('.trouble').waitFor();
  await tell(url, {});
  await send(url, ...Array.from({ length: 40 }, (_, index) => ({ message: `m ${index}` })));
  await until(
    'a rate',
    () => cell(page, 'web-1', 'Rate'),
    (text) => Number.parseFloat(text) >= 4,
  );
  assert.equal(await cell(page, 'web-1', 'Spool'), 'empty');
  assert.equal(await page.locator('.trouble').count(), 0);
});

test('clients: the keyboard alone finds one, opens its entries, and comes back', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'one', client_id: 'api 1' }, { message: 'two', client_id: 'web-1' });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'two');
  await page.keyboard.press('C');
  await page.locator('.client-name').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'api 1');
  await page.keyboard.press('/');
  await page.keyboard.type('WEB');
  await until(
    'one is found',
    () => page.locator('.client-name').allTextContents(),
    (names) => names.join() === 'web-1',
  );
  await page.keyboard.press('Escape');
  await lineOf(page, 'api 1').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/view/);
  await untilShown(page, 'one');
  assert.deepEqual(await shownMessages(page), ['one']);
});

test('clients: names are text, whatever is in them', { skip }, async (t) => {
  const { url } = await startPages(t);
  const hostile = '<img src=x onerror=alert(1)>\u202e"';
  await send(url, { message: 'm', client_id: hostile });
  await tell(url, { clients: [hostile], host: '<b>host</b>', sources: [{ name: '<i>' }], version: '&amp;' });
  const page = await openPage(t, `${url}/clients`);
  await page.locator('.client-line').waitFor();
  assert.match((await page.locator('.client-name').textContent()) ?? '', /^<img src=x onerror=alert\(1\)>/);
  assert.equal(await page.locator('.agent-place').textContent(), '<b>host</b> · <i> · &amp;');
  assert.equal(await page.locator('.clients-table img, .clients-table b').count(), 0);
});

test('clients: at 390 pixels every figure is within reach', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'm', client_id: `a-${'long-'.repeat(20)}name` }, { message: 'm', client_id: 'web-1' });
  await tell(url, { spool: full, gaps: { events: 3, lines: 1_204, unknown: 1 } });
  const page = await openPage(t, `${url}/clients`, { viewport: { width: 390, height: 844 }, hasTouch: true });
  await lineOf(page, 'web-1').waitFor();
  const overflow = await page.evaluate(() => {
    const area = document.querySelector('.clients-area');
    return Math.max(
      document.documentElement.scrollWidth - window.innerWidth,
      area ? area.scrollWidth - area.clientWidth : Number.POSITIVE_INFINITY,
    );
  });
  assert.ok(overflow <= 0, `${overflow} pixels are beyond the screen`);
  await lineOf(page, 'web-1').getByRole('link', { name: '3', exact: true }).click();
  await page.locator('#search').waitFor();
  assert.equal(await page.locator('#search').inputValue(), 'client:web-1 source:logd');
});

test('clients: a server that is away is said, and what was there stays', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'm' });
  const page = await openPage(t, `${url}/clients`, { mayComplain: /ERR_|Failed to load/ });
  await lineOf(page, 'web-1').waitFor();
  await page.route(/\/api\/clients/, (route) => route.abort());
  await page.locator('.connection.waiting').waitFor();
  assert.equal(await page.locator('.client-line').count(), 1);
  await page.unroute(/\/api\/clients/);
  await page.locator('.connection.live').waitFor();
});
