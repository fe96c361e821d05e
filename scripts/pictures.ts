/**
 * `node scripts/pictures.ts`: takes the README's pictures of the built executable: the page in a browser, the dashboard in a
 * terminal, both on an hour of made-up logs of a small fleet. Needs Chromium and tmux.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { fleetLog } from './picture/fleet-log.ts';
import { terminalPage } from './picture/terminal-page.ts';

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('../dist/logd', import.meta.url));
const PICTURES = fileURLToPath(new URL('picture/', import.meta.url));
const CHROMIUM = '/usr/bin/chromium';
const PAGE = { width: 1280, height: 760 };
const TERMINAL = { width: 132, height: 34 };
/** A page that loads has come to rest by then. */
const REST_MS = 1_500;
const LIVE_ENTRIES = 240;
/** Between two of them, on average. */
const LIVE_MS = 120;

const folder = await mkdtemp(join(tmpdir(), 'logd-pictures-'));
const server = spawn(PROGRAM, ['serve', '--port', '0', '--data', join(folder, 'data')], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  const url = await addressOf();
  await send(url, fleetLog(Date.now()));
  await takePage(url);
  await takeTerminal(url);
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await once(server, 'close');
  await rm(folder, { recursive: true });
}

async function addressOf(): Promise<string> {
  for await (const line of createInterface({ input: server.stdout })) {
    const url = /^logd listening on (\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the server ended before it was ready');
}

async function send(url: string, entries: readonly object[]): Promise<void> {
  const body = entries.map((entry) => JSON.stringify(entry)).join('\n');
  const answer = await fetch(`${url}/logs`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-ndjson' },
  });
  if (!answer.ok) throw new Error(`sending the entries failed: ${await answer.text()}`);
}

/** The end of the hour once more, as it happens: a picture of a live list. */
async function sendLive(url: string): Promise<void> {
  for (const [index, entry] of fleetLog(Date.now()).slice(-LIVE_ENTRIES).entries()) {
    await send(url, [{ ...entry, timestamp: new Date().toISOString() }]);
    await sleep(LIVE_MS * (1 + Math.sin(index / 9)));
  }
}

async function takePage(url: string): Promise<void> {
  const found = (await (
    await fetch(`${url}/api/logs?query=${encodeURIComponent('"connection reset"')}&limit=1`)
  ).json()) as {
    logs: { uuid: string }[];
  };
  const id = found.logs[0]?.uuid ?? '';
  await fetch(`${url}/api/logs/${id}/ticket`, { method: 'POST' });
  const page = await browser.newPage({ viewport: PAGE, deviceScaleFactor: 1 });
  await page.goto(`${url}/view`);
  await sleep(REST_MS);
  await page.getByText('connection reset by peer').last().click();
  await page.keyboard.press('Enter');
  await sleep(REST_MS);
  await save(page, 'view.png');
}

async function takeTerminal(url: string): Promise<void> {
  const tmux = (...args: string[]) =>
    run('tmux', ['-u', '-L', `logd-pictures-${process.pid}`, '-f', '/dev/null', ...args]);
  const { width, height } = TERMINAL;
  await tmux(
    'new-session',
    '-d',
    '-s',
    'picture',
    '-x',
    String(width),
    '-y',
    String(height),
    `LANG=C.UTF-8 ${PROGRAM} tail --server ${url}`,
  );
  try {
    await sleep(REST_MS);
    await sendLive(url);
    const { stdout } = await tmux('capture-pane', '-p', '-e', '-N', '-t', 'picture');
    const page = await browser.newPage({ viewport: { width: 1100, height: 640 } });
    await page.setContent(terminalPage(stdout));
    await page.locator('pre').screenshot({ path: join(PICTURES, 'tail.png') });
  } finally {
    await tmux('kill-server');
  }
}

async function save(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(PICTURES, name) });
}
