/**
 * npm run bench:page [-- --rounds 3 --seconds 20 --rate 5000 --entries 1000000]
 * The view page in headless Chromium, on a store of a million entries: how soon the first rows stand, how soon a click on
 * a facet is answered, and how smoothly it follows a flood. Prints a table. Fails when the page shows something else than
 * what is stored; never because something was slow. Needs Chromium.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { paths } from '../../src/api/paths.ts';
import { fill } from './filling.ts';
import { median } from './median.ts';
import { watchOtherWork } from './other-work.ts';
import { sendPaced } from './paced.ts';
import { type Flooded, openWatched, type WatchedPage } from './page-watch.ts';
import { serve } from './served.ts';
import { shownMs } from './shown.ts';
import { allSealed } from './store-folder.ts';
import { storedCount } from './stored.ts';
import { markdownTable } from './table.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const SEED = 1;
/** Facets that are clicked one after the other, by the class and the letters their rows have. */
const FACETS = [
  { facet: 'error', letters: 'ERR' },
  { facet: 'warning', letters: 'WRN' },
  { facet: 'critical', letters: 'CRT' },
] as const;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '5000' },
    entries: { type: 'string', default: '1000000' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const rate = Number(values.rate);
const entries = Number(values.entries);
if (CHROMIUM === undefined)
  throw new Error('there is no Chromium on this machine; on Debian: apt-get install chromium');

const folder = await mkdtemp(join(tmpdir(), 'logd-bench-'));
const server = await serve(folder);
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
const firstRowsMs: number[] = [];
const facetMs: number[] = [];
const figuresMs: number[] = [];
const floods: Flooded[] = [];
try {
  say(`storing ${entries.toLocaleString('en')} entries`);
  await fill(server.url, { count: entries, seed: SEED, onProgress: () => {} });
  await allSealed(folder);
  for (let round = 1; round <= rounds; round++) {
    const otherWork = watchOtherWork();
    await look(browser);
    floods.push(await flood(browser));
    say(
      `round ${round} of ${rounds}; other work, the browser's too, took ${Math.round(otherWork() * 100)}% of the machine`,
    );
  }
} finally {
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

const shownEntries = entries.toLocaleString('en');
process.stdout.write(
  markdownTable(
    ['work', 'logd', 'wanted'],
    [
      [`${shownEntries} stored: first rows after navigation`, shownMs(median(firstRowsMs)), '< 1,000 ms'],
      [`${shownEntries} stored: rows after a click on a facet`, shownMs(median(facetMs)), '< 300 ms'],
      [`${shownEntries} stored: all figures after it`, shownMs(median(figuresMs)), ''],
      [
        `${rate.toLocaleString('en')} entries/s for ${seconds} s: frames in a second, median and fewest`,
        `${median(floods.map(({ framesMedian }) => framesMedian))}, ${Math.min(...floods.map(({ framesFewest }) => framesFewest))}`,
        '≥ 55',
      ],
      ['the same: longest task', shownMs(median(floods.map(({ longestTaskMs }) => longestTaskMs))), '< 100 ms'],
      ['the same: longest task, CPU', shownMs(median(floods.map(({ longestTaskCpuMs }) => longestTaskCpuMs))), ''],
      ['the same: most heap', `${median(floods.map(({ heapMb }) => heapMb)).toFixed(0)} MB`, '< 60 MB'],
    ],
  ),
);

/** Opens the page as one who has never been there, and clicks. */
async function look(inBrowser: Browser): Promise<void> {
  const page = await openWatched(inBrowser, server.url + paths.view);
  firstRowsMs.push(await page.firstRowsMs());
  await page.untilFigures();
  for (const { facet, letters } of FACETS) {
    const clicked = await page.clickFacet(facet, letters);
    facetMs.push(clicked.rowsMs);
    figuresMs.push(clicked.figuresMs);
  }
  await page.close();
}

async function flood(inBrowser: Browser): Promise<Flooded> {
  const before = await storedCount(server.url);
  const page: WatchedPage = await openWatched(inBrowser, server.url + paths.view);
  await page.firstRowsMs();
  await page.untilFigures();
  const flooded = await page.during(() => sendPaced(server.url, { rate, count: rate * seconds }));
  const total = before + rate * seconds;
  assert.equal(await storedCount(server.url), total, 'stored is what was sent');
  await page.untilTotal(total);
  await page.close();
  return flooded;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
