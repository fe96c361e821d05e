/** What people do to entries, on the view and the tickets page, alone and in two pages at once. */
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
  stored,
  until,
  untilGone,
  untilLine,
  untilShown,
} from './browser.ts';

test('triage: pin, ticket, note and delete show at once, are stored, and are taken back', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(20), { message: 'the one' });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'the one');
  const row = rowOf(page, 'the one');
  await row.click();
  await page.keyboard.press('p');
  await page.keyboard.press('t');
  await row.locator('.flag-pin').waitFor();
  await row.locator('.flag-ticket').waitFor();
  await page.keyboard.press('a');
  await page.locator('.note-form textarea').fill('asked ops\nsecond line');
  await page.locator('.note-form textarea').press('Enter');
  await row.locator('.flag-note').waitFor();
  assert.equal(await page.locator('.note-text').textContent(), 'asked ops\nsecond line');
  const [kept] = await until(
    'it is stored',
    () => stored(url, 'is:pinned is:ticket'),
    ([entry]) => entry?.note !== undefined,
  );
  assert.equal(kept?.note, 'asked ops\nsecond line');

  await page.keyboard.press('d');
  await untilGone(page, 'the one');
  assert.match((await page.locator('.toast').last().textContent()) ?? '', /^DeletedUndo/);
  await until(
    'the store knows',
    () => stored(url, 'the one'),
    (found) => found.length === 0,
  );
  await page.locator('.toast').last().getByRole('button', { name: 'Undo' }).click();
  await untilShown(page, 'the one');
  await until(
    'the store knows',
    () => stored(url, 'the one'),
    (found) => found.length === 1,
  );

  for (const flag of ['note', 'ticket', 'pin']) {
    await page.keyboard.press('u');
    await row.locator(`.flag-${flag}`).waitFor({ state: 'detached' });
  }
  await until(
    'nothing is left',
    () => stored(url, 'the one'),
    ([entry]) => entry?.is_pinned === false && entry.note === undefined,
  );
});

test('triage: several are chosen with shift and deleted together, and undone together', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(20));
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'line 19');
  await rowOf(page, 'line 12').click({ modifiers: ['Control'] });
  await rowOf(page, 'line 16').click({ modifiers: ['Shift'] });
  assert.equal(await page.locator('.chosen-count').textContent(), '5 selected');
  await page.locator('.chosen').getByRole('button', { name: 'Ticket' }).click();
  await until(
    'all are tickets',
    () => stored(url, 'is:ticket'),
    (found) => found.length === 5,
  );
  await page.locator('.chosen').getByRole('button', { name: 'Delete' }).click();
  await untilGone(page, 'line 14');
  assert.match((await page.locator('.toast').last().textContent()) ?? '', /^5 deleted/);
  assert.equal((await shownMessages(page)).length, 15);
  await page.keyboard.press('u');
  await untilShown(page, 'line 14');
  await until(
    'all are back',
    () => stored(url, 'line'),
    (found) => found.length === 20,
  );
});

test('triage: what the server refuses is rolled back, with its reason', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'keep me' });
  const page = await openPage(t, `${url}/view`, { mayComplain: /503/ });
  await untilShown(page, 'keep me');
  await page.route('**/api/logs/*/delete', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/json',
      body: '{"error":"the disk is full: try again later"}',
    }),
  );
  await rowOf(page, 'keep me').click();
  await page.keyboard.press('d');
  const toast = page.locator('.toast.wrong');
  await toast.waitFor();
  assert.match((await toast.textContent()) ?? '', /Not deleted: the disk is full/);
  await untilShown(page, 'keep me');
  await page.unroute('**/api/logs/*/delete');
  await toast.getByRole('button', { name: 'Try again' }).click();
  await untilGone(page, 'keep me');
});

test('triage: two pages and the tickets page see a ticket, a note and a delete live', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(5), { message: 'shared', level: 'ERROR' });
  const [mine, theirs, tickets] = [
    await openPage(t, `${url}/view`),
    await openPage(t, `${url}/view`),
    await openPage(t, `${url}/tickets`),
  ];
  await untilShown(mine, 'shared');
  await untilShown(theirs, 'shared');
  await until(
    'the tickets line is live',
    () => tickets.locator('.connection').getAttribute('data-state'),
    (now) => now === 'live',
  );
  await rowOf(mine, 'shared').click();
  await mine.keyboard.press('t');
  await rowOf(theirs, 'shared').locator('.flag-ticket').waitFor();
  const card = tickets.locator('.column.open .card');
  await card.waitFor();
  assert.equal(await card.locator('.card-message').textContent(), 'shared');
  await mine.keyboard.press('a');
  await mine.locator('.note-form textarea').fill('look here');
  await mine.locator('.note-form textarea').press('Enter');
  await card.locator('.card-note').waitFor();
  await mine.keyboard.press('d');
  await untilGone(theirs, 'shared');
  await card.waitFor({ state: 'detached' });
  await mine.keyboard.press('u');
  await untilShown(theirs, 'shared');
  await card.waitFor();
});

test('triage: a list of pinned entries gains and loses them live, a deleted one comes back', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(20), { message: 'the one' });
  const [entry] = await stored(url, 'the one');
  const act = (name: string, value: boolean) =>
    fetch(`${url}/api/logs/${entry?.uuid}/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ value }),
    });
  const pinned = await openPage(t, `${url}/view?query=is:pinned`);
  await pinned.locator('.nothing').waitFor();
  await act('pin', true);
  await untilShown(pinned, 'the one');
  await act('pin', false);
  await untilGone(pinned, 'the one');

  await act('delete', true);
  const all = await openPage(t, `${url}/view`);
  await untilShown(all, 'line 19');
  const deleted = await openPage(t, `${url}/view?query=is:deleted`);
  await untilShown(deleted, 'the one');
  await act('delete', false);
  await untilGone(deleted, 'the one');
});

test('tickets: a list that was under way when a ticket was deleted does not bring it back', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'first' }, { message: 'second' });
  const [second, first] = await stored(url, 'first OR second');
  const act = (id: string | undefined, name: string) => fetch(`${url}/api/logs/${id}/${name}`, { method: 'POST' });
  await act(first?.uuid, 'ticket');
  const page = await openPage(t, `${url}/tickets`);
  const cards = page.locator('.column.open .card');
  await until(
    'the first is shown',
    () => cards.count(),
    (count) => count === 1,
  );
  await untilLine(page, 'live');
  // The list has been read, and is on its way until the deletion has been shown.
  const isRead = Promise.withResolvers<void>();
  const mayArrive = Promise.withResolvers<void>();
  await page.route('**/api/tickets*', async (route) => {
    const response = await route.fetch();
    isRead.resolve();
    await mayArrive.promise;
    await route.fulfill({ response });
  });
  await act(second?.uuid, 'ticket');
  await isRead.promise;
  await act(first?.uuid, 'delete');
  await until(
    'none is shown',
    () => cards.count(),
    (count) => count === 0,
  );
  mayArrive.resolve();
  await cards.first().waitFor();
  assert.deepEqual(await cards.locator('.card-message').allTextContents(), ['second']);
});

test('tickets: closed, reopened, found, opened in full, closed together', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(
    url,
    ...numbered(12),
    { message: 'first ticket 17 of 20', level: 'ERROR' },
    { message: 'first ticket 18 of 20', level: 'ERROR', fields: { user: 'ann' } },
    { message: 'second ticket' },
  );
  for (const entry of await stored(url, 'user:ann OR second'))
    await fetch(`${url}/api/logs/${entry.uuid}/ticket`, { method: 'POST' });
  const page = await openPage(t, `${url}/tickets`);
  const open = page.locator('.column.open .card');
  const closed = page.locator('.column.closed .card');
  await until(
    'both are open',
    () => open.count(),
    (count) => count === 2,
  );
  await open.filter({ hasText: 'first' }).locator('.card-open').click();
  const detail = page.locator('.detail');
  await detail.locator('.context li').nth(10).waitFor();
  assert.match((await detail.locator('.attributes').textContent()) ?? '', /userann/);
  await detail.getByRole('link', { name: 'Seen 1 more time' }).waitFor();
  await detail.getByRole('button', { name: 'Close ticket' }).click();
  await until(
    'it is closed',
    () => closed.allTextContents(),
    ([text]) => text?.includes('first ticket') ?? false,
  );
  await until(
    'the server knows',
    async () => (await (await fetch(`${url}/api/tickets?status=closed`)).json()).tickets.length,
    (count) => count === 1,
  );
  await detail.getByRole('button', { name: 'Reopen' }).click();
  await until(
    'it is open',
    () => open.count(),
    (count) => count === 2,
  );
  await page.locator('#search').fill('second');
  await until(
    'one is found',
    () => open.count(),
    (count) => count === 1,
  );
  await page.locator('#search').fill('');
  for (const box of await page.locator('.card .card-check input').all()) await box.check();
  await page.locator('.chosen').getByRole('button', { name: 'Close' }).click();
  await until(
    'all are closed',
    () => closed.count(),
    (count) => count === 2,
  );
  await page.reload();
  await until(
    'they stay closed',
    () => closed.count(),
    (count) => count === 2,
  );
});

test('triage: one after another is deleted: the neighbour takes the place of the one that is gone', {
  skip,
}, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'one' }, { message: 'two' }, { message: 'three' });
  const page = await openPage(t, `${url}/view`);
  await untilShown(page, 'three');
  for (const key of ['k', 'd', 'd']) await page.keyboard.press(key);
  await untilGone(page, 'three');
  await untilGone(page, 'two');
  assert.deepEqual(await shownMessages(page), ['one']);
});

test('tickets: a note has its author, the switch and what happened are seen on both pages, and it opens by itself', {
  skip,
}, async (t) => {
  const { url } = await startPages(t);
  await send(url, ...numbered(3), { message: 'pool of db-1 exhausted, 12 wait', level: 'CRITICAL' });
  const [entry] = await stored(url, 'exhausted');
  await fetch(`${url}/api/logs/${entry?.uuid}/ticket`, { method: 'POST' });
  const page = await openPage(t, `${url}/tickets`);
  const other = await openPage(t, `${url}/tickets?entry=${entry?.uuid}`);
  await page.keyboard.press('j');
  const detail = page.locator('.detail');
  await detail.locator('.history li').waitFor();
  await detail.locator('.similar').waitFor();
  assert.equal(await detail.locator('.similar').textContent(), 'Seen this once');
  await page.keyboard.press('a');
  await detail.getByLabel('Your name').fill('ann');
  await detail.getByLabel('Note').fill('failover?');
  await detail.getByLabel('Note').press('Enter');
  await other.locator('.detail .signature b').filter({ hasText: 'ann' }).waitFor();
  await detail.getByRole('switch').check();
  await until(
    'the other page knows',
    () => other.getByRole('switch').isChecked(),
    (isOn) => isOn,
  );
  await page.keyboard.press('x');
  await other.locator('.column.closed .card').waitFor();
  await until(
    'who closed it is told',
    () => other.locator('.history li').allTextContents(),
    (all) => all.length === 2 && /^Closed ann/.test(all[0] ?? ''),
  );
  await send(url, { message: 'pool of db-1 exhausted, 7 wait', level: 'CRITICAL' });
  for (const one of [page, other]) {
    await one.locator('.column.open .card').waitFor();
    await one.locator('.history .event-recurred').waitFor();
  }
  const again = await other.locator('.history .event-recurred a').getAttribute('href');
  const [newest] = await stored(url, '"7 wait"');
  assert.equal(again, `/view?entry=${newest?.uuid}`);
});

test('tickets: a column is chosen at once, closed, and saved as Markdown', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(
    url,
    { message: 'calm', level: 'INFO' },
    { message: 'bad', level: 'CRITICAL' },
    { message: 'warm', level: 'WARNING' },
  );
  for (const { uuid } of await stored(url, '')) await fetch(`${url}/api/logs/${uuid}/ticket`, { method: 'POST' });
  const page = await openPage(t, `${url}/tickets`);
  const open = page.locator('.column.open .card-message');
  await until(
    'all are there',
    () => open.count(),
    (count) => count === 3,
  );
  await page.getByLabel('Order').selectOption('worst');
  await until(
    'the worst is first',
    () => open.allTextContents(),
    (all) => all.join() === 'bad,warm,calm',
  );
  const saved = page.waitForEvent('download');
  await page.locator('.column.open').getByRole('button', { name: 'Markdown' }).click();
  assert.equal((await saved).suggestedFilename(), 'logd-open-tickets.md');
  await page.getByLabel('Choose all open tickets').check();
  await page.locator('.chosen').getByRole('button', { name: 'Close' }).click();
  await until(
    'none is open',
    () => open.count(),
    (count) => count === 0,
  );
  await page.getByLabel('Order').selectOption('newest');
  await page.goto(`${url}/view?query=calm`);
  await until(
    'the facet counts those that match',
    () => page.locator('.mark-ticket .facet-count').textContent(),
    (text) => text === '1',
  );
});
