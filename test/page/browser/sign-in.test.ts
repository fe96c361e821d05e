/** Signing in where tokens are asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, skip, startPages, untilLine } from './browser.ts';

const tokens = { ingest: 'ingest-secret', view: 'view-secret' };

test('sign-in: the view token opens the page one wanted, another one is refused with the reason', {
  skip,
}, async (t) => {
  const { url } = await startPages(t, { tokens });
  const page = await openPage(t, `${url}/view?query=level%3Aerror`, { mayComplain: /401/ });
  assert.equal(new URL(page.url()).pathname, '/sign-in');
  await page.locator('#token').fill(tokens.ingest);
  await page.keyboard.press('Enter');
  const fault = page.locator('.sign-in-fault');
  await fault.filter({ hasText: 'not the view token' }).waitFor();
  await page.locator('#token').fill(tokens.view);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${url}/view?query=level%3Aerror`);
  await untilLine(page, 'live');
  await page.goto(`${url}/tickets`);
  await page.locator('.column.open').waitFor();
});

test('sign-in: it leads to no other server', { skip }, async (t) => {
  const { url } = await startPages(t, { tokens });
  const page = await openPage(t, `${url}/sign-in?next=//evil.example/`);
  await page.locator('#token').fill(tokens.view);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${url}/view`);
});
