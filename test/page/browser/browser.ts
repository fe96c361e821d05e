/**
 * A real browser on a real server. Every page is watched: what it complains of, and what its Content-Security-Policy
 * had to stop, fails the test at its end.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, type TestContext } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { EntryJson } from '../../../src/entry/entry.ts';
import type { ServerOptions } from '../../../src/server/server.ts';
import { readAsset } from '../../../src/system/assets.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** For the options of a test: why it cannot run here. */
export const skip = CHROMIUM === undefined && 'no Chromium on this machine; on Debian: apt-get install chromium';

const DEADLINE_MS = 8_000;

let browser: Promise<Browser> | undefined;
after(async () => {
  await (await browser)?.close();
});

/** A server in this process with the built pages. */
export async function startPages(t: TestContext, options: Partial<ServerOptions> = {}): Promise<TestServer> {
  assert.ok(readAsset('page/page.js'), 'there are no built pages in dist/assets: run npm run build first');
  const server = await startTestServer({ readAsset, ...options });
  atEnd(t, () => server.close());
  return server;
}

const endings = new WeakMap<TestContext, (() => Promise<void>)[]>();

/** Runs after the test, the last one told first: a page goes before the server it speaks to. */
export function atEnd(t: TestContext, clean: () => Promise<void>): void {
  const known = endings.get(t);
  if (known) {
    known.unshift(clean);
    return;
  }
  const all = [clean];
  endings.set(t, all);
  t.after(async () => {
    const failed: unknown[] = [];
    for (const one of all) await one().catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw failed[0];
  });
}

export interface OpenOptions extends BrowserContextOptions {
  /** What the page may say on its console: a server that is away is such a thing. */
  readonly mayComplain?: RegExp;
  /** The page has a line of its own, as in a browser without shared workers: requests of those cannot be routed. */
  readonly isAlone?: boolean;
}

export async function openPage(t: TestContext, url: string, options: OpenOptions = {}): Promise<Page> {
  browser ??= chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  const { mayComplain, isAlone, ...contextOptions } = options;
  const context = await (await browser).newContext({ viewport: { width: 1280, height: 720 }, ...contextOptions });
  const complaints: string[] = [];
  const complain = (text: string) => {
    if (!mayComplain?.test(text)) complaints.push(text);
  };
  await context.exposeFunction('tellViolation', complain);
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const tell = (window as { tellViolation?: (text: string) => void }).tellViolation;
      tell?.(`CSP ${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  if (isAlone) await context.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
  context.on('page', (opened) => watch(opened, complain));
  const page = await context.newPage();
  atEnd(t, async () => {
    await context.close();
    assert.deepEqual(complaints, [], 'the page had nothing to complain of');
  });
  await page.goto(url);
  return page;
}

/** Another tab of the same browser. */
export async function openTab(page: Page, url: string): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(url);
  return tab;
}

function watch(page: Page, complain: (text: string) => void): void {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complain(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => complain(`uncaught: ${error.message}`));
}

/** Resolves once it is so; fails after the deadline with what it was last. The policy forbids Playwright's own wait. */
export async function until<Value>(
  what: string,
  read: () => Promise<Value>,
  isSo: (value: Value) => boolean,
  deadlineMs = DEADLINE_MS,
): Promise<Value> {
  const giveUpMs = performance.now() + deadlineMs;
  for (;;) {
    const value = await read();
    if (isSo(value)) return value;
    if (performance.now() > giveUpMs) {
      throw new assert.AssertionError({
        message: `not within ${deadlineMs} ms: ${what}; at last it was ${JSON.stringify(value)?.slice(0, 1_500)}`,
      });
    }
    // The next frame of the page, so that looking does not keep it from getting there.
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** The messages on the screen, from top to bottom. */
export function shownMessages(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const rows = [...document.querySelectorAll<HTMLElement>('.row:not([hidden])')];
    return rows
      .filter((row) => row.dataset.id !== undefined)
      .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
      .map((row) => row.querySelector('.row-message')?.textContent ?? '');
  });
}

export function untilShown(page: Page, message: string, deadlineMs?: number): Promise<string[]> {
  return until(
    `"${message}" is shown`,
    () => shownMessages(page),
    (all) => all.includes(message),
    deadlineMs,
  );
}

export function untilGone(page: Page, message: string): Promise<string[]> {
  return until(
    `"${message}" is gone`,
    () => shownMessages(page),
    (all) => !all.includes(message),
  );
}

/** The state of the line, as the page tells it. */
export function untilLine(page: Page, state: 'live' | 'paused' | 'waiting' | 'closed'): Promise<string | null> {
  return until(
    `the line is ${state}`,
    () => page.locator('.connection').getAttribute('data-state'),
    (now) => now === state,
  );
}

export function rowOf(page: Page, message: string) {
  return page.locator('.row:not([hidden])').filter({ hasText: message });
}

export interface Sent {
  readonly level?: string;
  readonly message: string;
  readonly client_id?: string;
  readonly timestamp?: number;
  readonly fields?: Record<string, unknown>;
}

/** Posts entries in their order, as one batch. */
export async function send(url: string, ...entries: readonly Sent[]): Promise<void> {
  const response = await fetch(`${url}/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(entries.map((entry) => ({ level: 'INFO', client_id: 'web-1', ...entry }))),
  });
  assert.equal(response.status, 200, await response.text());
}

export function numbered(count: number, prefix = 'line'): Sent[] {
  const nowMs = Date.now();
  return Array.from({ length: count }, (_, index) => ({
    message: `${prefix} ${index}`,
    timestamp: nowMs - (count - index) * 1_000,
  }));
}

/** The entries of the store that a query finds, newest first. */
export async function stored(url: string, query: string): Promise<EntryJson[]> {
  const response = await fetch(`${url}/api/logs?limit=1000&query=${encodeURIComponent(query)}`);
  return ((await response.json()) as { logs: EntryJson[] }).logs;
}
