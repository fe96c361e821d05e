/** The pages for everybody: judged by axe in every state, by keys alone, without motion, on a small screen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { numbered, openPage, rowOf, send, skip, startPages, stored, until, untilLine, untilShown } from './browser.ts';

/** Fails with what axe finds of serious or critical impact. */
async function judge(page: Page, state: string): Promise<void> {
  // Through the browser's own door, which the page's policy leaves open.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      resultTypes: ['violations'],
    });
    return violations.map(({ id, impact, help, nodes }) => ({
      impact,
      told: `${id}: ${help} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    }));
  });
  const bad = found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  assert.deepEqual(
    bad.map(({ told }) => told),
    [],
    state,
  );
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`access: nothing serious in any state, ${colorScheme}`, { skip }, async (t) => {
    const { url } = await startPages(t);
    const page = await openPage(t, `${url}/view`, { colorScheme });
    await page.locator('.first-run').waitFor();
    await judge(page, 'empty');
    await send(
      url,
      ...numbered(60),
      ...['DEBUG', 'WARNING', 'ERROR', 'CRITICAL', 'UNKNOWN'].map((level) => ({ level, message: `${level} reset` })),
      { message: '\u001b[31mred\u001b[0m and \u001b[93myellow' },
    );
    await untilShown(page, 'CRITICAL reset');
    await untilLine(page, 'live');
    await judge(page, 'live');
    await rowOf(page, 'CRITICAL reset').click();
    await page.locator('.context li').first().waitFor();
    await page.keyboard.press('t');
    await page.locator('.toast').waitFor();
    await judge(page, 'detail, paused, with a message');
    await page.getByRole('tab', { name: 'JSON' }).click();
    await page.keyboard.press('a');
    await page.locator('.note-form').waitFor();
    await judge(page, 'note and JSON');
    await page.getByLabel('Note').fill('looked at');
    await page.getByLabel('Note').press('Enter');
    await page.locator('.signature').waitFor();
    await page.keyboard.press('Escape');
    await rowOf(page, 'line 58').click({ modifiers: ['Control'] });
    await page.locator('.chosen').waitFor();
    await page.locator('.status .export button').click();
    await judge(page, 'chosen, menu');
    await page.keyboard.press('Escape');
    await page.locator('.status .menu').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.locator('#search').fill('reset');
    await page.locator('mark').first().waitFor();
    await judge(page, 'search with hits');
    await page.locator('#search').fill('level:');
    await page.locator('[role="option"]').first().waitFor();
    await judge(page, 'completion');
    await page.locator('#search').fill('(reset');
    await page.locator('.fault').waitFor();
    await judge(page, 'fault');
    await page.locator('#search').fill('nothing of that');
    await page.locator('.nothing').waitFor();
    await judge(page, 'nothing found');
    await page.locator('#search').press('Escape');
    await page.locator('#search').press('Escape');
    await page.locator('.range-button').click();
    await judge(page, 'ranges');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Help' }).click();
    await page.locator('dialog[open]').waitFor();
    await judge(page, 'help');

    const [critical] = await stored(url, 'level:critical');
    await fetch(`${url}/api/logs/${critical?.uuid}/ticket`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ status: 'closed', reopen: true, author: 'ann' }),
    });
    await send(url, { message: 'CRITICAL reset', level: 'CRITICAL' });
    await page.goto(`${url}/tickets?entry=${critical?.uuid}`);
    await page.locator('.history .event-recurred').waitFor();
    await page.locator('.context li').first().waitFor();
    await page.locator('.card .card-check input').check();
    await judge(page, 'tickets');
    await page.goto(`${url}/clients`);
    await page.getByText('web-1').first().waitFor();
    await judge(page, 'clients');
    await page.goto(`${url}/sign-in`);
    await page.locator('input:not([hidden])').first().waitFor();
    await judge(page, 'sign-in');
  });
}

test('access: at 390 pixels nothing serious, and no page is wider than the screen', { skip }, async (t) => {
  const { url } = await startPages(t);
  const first = await openPage(t, `${url}/view`, { viewport: { width: 390, height: 844 } });
  await first.locator('.first-run').waitFor();
  const cut = await first
    .locator('.first-run, .command')
    .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length);
  assert.equal(cut, 0, 'every command has its way to be copied within the screen');
  await judge(first, 'empty');
  await send(url, ...numbered(40), { message: `wide ${'x'.repeat(500)}`, level: 'ERROR' });
  const [wide] = await stored(url, 'wide');
  await fetch(`${url}/api/logs/${wide?.uuid}/ticket`, { method: 'POST' });
  const page = await openPage(t, `${url}/view?entry=${wide?.uuid}`, {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
  });
  for (const path of [`/view?entry=${wide?.uuid}`, '/view', '/tickets', `/tickets?entry=${wide?.uuid}`, '/clients']) {
    await page.goto(url + path);
    await page
      .locator(path.includes('entry') ? '.context li' : '.row:not([hidden]), .card, .client-line, table')
      .first()
      .waitFor();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `${path} is ${overflow} pixels wider than the screen`);
    await judge(page, path);
  }
});

test('access: by keys alone one searches, filters, opens, notes, makes a ticket and closes it', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(30), { message: 'disk of db-1 full', level: 'ERROR', fields: { disk: 'sda' } });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'disk of db-1 full');
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press('/');
  await page.keyboard.type('lev');
  await page.locator('[role="option"]').first().waitFor();
  await press('Tab');
  await page.keyboard.type('err');
  await page.locator('[role="option"]').first().waitFor();
  await press('Tab', 'Enter');
  await until(
    'only the error is left',
    () => page.locator('.row:not([hidden])').count(),
    (count) => count === 1,
  );
  await press('j');
  await page.locator('.row.selected').waitFor();
  await press('Enter');
  await page.locator('.detail .message').waitFor();
  await press('a');
  await page.keyboard.type('more room by noon');
  await press('Enter');
  await page.locator('.note-text').filter({ hasText: 'more room' }).waitFor();
  await press('t');
  await until(
    'it is a ticket',
    () => stored(url, 'is:ticket'),
    (found) => found.length === 1,
  );
  // Every control is reached by Tab, and where one is can be seen.
  await press('Escape');
  const seen = new Set<string>();
  for (let step = 0; step < 60; step++) {
    await press('Tab');
    const at = await page.evaluate(() => {
      const { activeElement: focused } = document;
      if (!focused || focused === document.body) return undefined;
      const { outlineStyle } = getComputedStyle(focused);
      const isMarked = outlineStyle !== 'none' || focused.matches('.list-scroll, input');
      return `${focused.className || focused.id}${isMarked ? '' : ' NOT MARKED'}`;
    });
    if (at !== undefined) seen.add(at);
  }
  const unmarked = [...seen].filter((at) => at.endsWith('NOT MARKED'));
  assert.deepEqual(unmarked, []);
  for (const wanted of ['brand', 'search', 'range-button', 'facet level-error', 'list-scroll', 'quiet facets-toggle']) {
    assert.ok(
      [...seen].some((at) => at.includes(wanted)),
      `${wanted} is reached by Tab: ${[...seen].join(' | ')}`,
    );
  }
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await press('T');
  await page.locator('.column.open .card').waitFor();
  await press('j');
  await page.locator('.detail .message').waitFor();
  await press('x');
  await page.locator('.column.closed .card').waitFor();
});

test('access: who wants no motion gets none', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(5));
  const page = await openPage(t, `${url}/view`, { reducedMotion: 'reduce' });
  await untilShown(page, 'line 4');
  const moving = await page.evaluate(
    () =>
      [...document.querySelectorAll('*')].filter((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        return animationName !== 'none' || transitionDuration.split(', ').some((time) => Number.parseFloat(time) > 0);
      }).length,
  );
  assert.equal(moving, 0);
});
