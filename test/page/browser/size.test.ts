/** What a browser must load before it shows a page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openPage, skip, startPages, until } from './browser.ts';

const BYTES_MAX = 72 * 1024;

for (const path of ['/view', '/tickets', '/clients', '/sign-in']) {
  test(`size: all of ${path} is at most 72 KB, gzipped`, { skip }, async (t) => {
    const { url } = await startPages(t);
    const page = await openPage(t, `${url}/healthz`, { mayComplain: /404/ });
    const loaded = new Set<string>();
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname === path || pathname.startsWith('/assets/')) loaded.add(pathname);
    });
    await page.goto(url + path);
    await until(
      'the page is drawn',
      () => page.locator('#page > *').count(),
      (count) => count > 0,
    );
    const sizes = await Promise.all(
      [...loaded].map(async (name) => {
        const body = Buffer.from(await (await fetch(url + name)).arrayBuffer());
        return [name, gzipSync(body, { level: 9 }).length] as const;
      }),
    );
    const total = sizes.reduce((sum, [, size]) => sum + size, 0);
    assert.ok(sizes.length >= 3, `page, script and style: ${sizes}`);
    assert.ok(total <= BYTES_MAX, `${total} bytes: ${sizes.join(' ')}`);
    t.diagnostic(`${path}: ${total} bytes`);
  });
}
