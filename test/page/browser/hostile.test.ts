/** What strangers write reaches the pages as text and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, rowOf, send, shownMessages, skip, startPages, until } from './browser.ts';

const HOSTILE: readonly { readonly message: string; readonly shown: string }[] = [
  { message: '<img src=x onerror="window.hit=1">', shown: '<img src=x onerror="window.hit=1">' },
  { message: '<script>window.hit=1</script>', shown: '<script>window.hit=1</script>' },
  { message: '"><svg/onload=window.hit=1>', shown: '"><svg/onload=window.hit=1>' },
  { message: '{red-fg}tags{/red-fg} {{1+1}}', shown: '{red-fg}tags{/red-fg} {{1+1}}' },
  {
    message: 'esc \u001b[31mred\u001b[8mhidden \u001b]0;title\u0007',
    shown: 'esc red\\x1b[8mhidden \\x1b]0;title\\x07',
  },
  { message: 'user \u202egpj.exe', shown: 'user \\u202egpj.exe' },
  { message: 'pay\u200bpal', shown: 'pay\\u200bpal' },
  { message: 'c1 \u009b31m', shown: 'c1 \\x9b31m' },
  { message: 'two\nlines', shown: 'two ⏎ lines' },
];

test('pages: markup, escapes and invisible characters are shown as text', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(
    url,
    ...HOSTILE.map(({ message }) => ({
      message,
      client_id: `<b>${message}`.slice(0, 100),
      fields: { [message]: message },
    })),
    { message: 'end' },
  );
  const page = await openPage(t, `${url}/view`);
  const shown = await until(
    'all are there',
    () => shownMessages(page),
    (all) => all.at(-1) === 'end',
  );
  assert.deepEqual(shown, [...HOSTILE.map((one) => one.shown), 'end']);
  for (const { shown: text } of HOSTILE) {
    await rowOf(page, text).first().click();
    await until(
      'it is open',
      () => page.locator('.detail .message').textContent(),
      (open) => open === text.replace(' ⏎ ', '\n'),
    );
    await page.locator('.detail .context li').first().waitFor();
    await page.keyboard.press('t');
  }
  await page.getByRole('tab', { name: 'JSON' }).click();
  await page.locator('.raw').waitFor();
  assert.equal(await page.locator('.rows-area img, .detail img, .detail script, .facets b, .row b').count(), 0);

  await page.goto(`${url}/tickets`);
  await page
    .locator('.card')
    .nth(HOSTILE.length - 1)
    .waitFor();
  await page.locator('.card-open').first().click();
  await page.locator('.detail .context li').first().waitFor();
  assert.equal(await page.locator('.card img, .card script, .detail img').count(), 0);
  assert.equal(await page.evaluate(() => (window as { hit?: number }).hit), undefined, 'nothing of it ran');
});

test('pages: a message of 10,000 characters is cut in its row and whole when it is open', { skip }, async (t) => {
  const { url } = await startPages(t);
  const message = `begin ${'0123456789'.repeat(1_000)} end`;
  await send(url, { message }, { message: 'after' });
  const page = await openPage(t, `${url}/view`);
  const [long] = await until(
    'both are there',
    () => shownMessages(page),
    (all) => all.length === 2,
  );
  assert.ok((long ?? '').length < 2_000);
  await rowOf(page, 'begin').click();
  await until(
    'it is open',
    () => page.locator('.detail .message').textContent(),
    (text) => text === message,
  );
});

test('pages: a hostile note and a hostile query are text too', { skip }, async (t) => {
  const { url } = await startPages(t);
  await send(url, { message: 'plain' });
  const page = await openPage(t, `${url}/view?query=${encodeURIComponent('"<img src=x onerror=alert(1)>')}`);
  await page.locator('.fault').waitFor();
  await page.locator('#search').fill('');
  await until(
    'it is there',
    () => shownMessages(page),
    (all) => all.includes('plain'),
  );
  await rowOf(page, 'plain').click();
  await page.keyboard.press('a');
  await page.getByLabel('Your name').fill('<i>\u202eann');
  await page.locator('.note-form textarea').fill('<b onclick=alert(1)>\u202enote');
  await page.locator('.note-form textarea').press('Enter');
  await until(
    'the note is shown',
    () => page.locator('.note-text').textContent(),
    (text) => text === '<b onclick=alert(1)>\\u202enote',
  );
  assert.equal(await page.locator('.signature b').textContent(), '<i>\\u202eann');
  await page.keyboard.press('t');
  await page.locator('.toast').waitFor();
  await page.goto(`${url}/tickets`);
  await page.locator('.card-open').click();
  await page.locator('.history li').waitFor();
  assert.equal(await page.locator('.history b').textContent(), ' <i>\\u202eann');
  assert.equal(await page.locator('.history i, .card-note i, .signature i').count(), 0);
});
