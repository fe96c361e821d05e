/**
 * npm run bench:store [-- --lines 10000000 --rounds 5 --seed 1]
 * Fills a store, seals it, and times what people ask of it beside ripgrep and grep over the same text, in turns; then disk,
 * memory, restart, and single posts while searches run. Prints a table. Fails when a count is wrong; never because something
 * was slow.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { paths } from '../../src/api/paths.ts';
import type { SearchBody } from '../../src/api/types.ts';
import { DAY_END_MS, DAY_START_MS } from './corpus.ts';
import { fill } from './filling.ts';
import { median } from './median.ts';
import { processCost } from './process-cost.ts';
import { ask, askText, questions } from './questions.ts';
import { serve } from './served.ts';
import { shownMs } from './shown.ts';
import { allSealed, bytesOf, writeText } from './store-folder.ts';
import { storedCount } from './stored.ts';
import { markdownTable } from './table.ts';

/** What a server does after a start has come to rest by then. */
const IDLE_MS = 5_000;
const IDS = 50;
const SCANS = 5;
const POSTING_MS = 8_000;

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
});
const count = Number(values.lines);
const rounds = Number(values.rounds);
const folder = await mkdtemp(join(tmpdir(), 'logd-bench-'));
const data = join(folder, 'data');
const text = join(folder, 'all.log');
const rows: string[][] = [];
try {
  await fillStore();
  await writeText(data, text);
  await restarts();
  await askAll();
  await diskWhenSealed();
  const head = ['work', 'logd', 'yardstick', 'ratio'];
  process.stdout.write(`${count.toLocaleString('en')} entries, ${mb(await bytesOf(folder))} with their text\n`);
  process.stdout.write(markdownTable(head, rows));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function fillStore(): Promise<void> {
  const server = await serve(data);
  let toldAt = 0;
  const onProgress = (stored: number) => {
    if (stored - toldAt < count / 10 && stored < count) return;
    toldAt = stored;
    say(`stored ${stored.toLocaleString('en')} of ${count.toLocaleString('en')}`);
  };
  const beginMs = performance.now();
  await fill(server.url, { count, seed: Number(values.seed), onProgress });
  await allSealed(data);
  rows.push(['stored and sealed, corpus made meanwhile', `${((performance.now() - beginMs) / 1000).toFixed(0)} s`]);
  await server.stop();
  rows.push(['disk, newest segment as plain text', mb(await bytesOf(data))]);
}

async function restarts(): Promise<void> {
  const startMs: number[] = [];
  const memoryMb: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const server = await serve(data);
    startMs.push(server.startMs);
    assert.equal(await storedCount(server.url), count);
    await sleep(IDLE_MS);
    memoryMb.push(processCost(server.pid).memoryMb);
    await server.stop();
  }
  rows.push(['restart to ready', shownMs(median(startMs))]);
  rows.push(['memory, idle after a restart', `${median(memoryMb).toFixed(0)} MiB`]);
}

async function askAll(): Promise<void> {
  const server = await serve(data);
  const times = questions.map(() => ({ logd: [] as number[], yardstick: [] as number[] }));
  // The first round is to warm up: threads start, indexes are read, the text comes into the page cache.
  for (let round = 0; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    for (const [at, { path, parameters, yardstick, work }] of questions.entries()) {
      const asked = await ask(server.url, path, parameters);
      const same = yardstick && askText(yardstick, text);
      if (same) assert.equal(asked.count, same.count, `${work}: logd and ${yardstick?.[0]} count differently`);
      if (round === 0) continue;
      times[at]?.logd.push(asked.ms);
      if (same) times[at]?.yardstick.push(same.ms);
    }
  }
  for (const [at, { work, yardstick }] of questions.entries()) {
    const measured = times[at];
    if (!measured) continue;
    const logd = median(measured.logd);
    const other = measured.yardstick.length > 0 ? median(measured.yardstick) : undefined;
    const named = yardstick?.slice(0, 2).join(' ');
    rows.push([
      work,
      shownMs(logd),
      other === undefined ? '' : `${named} ${shownMs(other)}`,
      other === undefined ? '' : (logd / other).toFixed(2),
    ]);
  }
  rows.push(['an entry by id', shownMs(await timeOfIds(server.url))]);
  rows.push(['memory, most while all this was asked', `${processCost(server.pid).memoryPeakMb.toFixed(0)} MiB`]);
  const posts = await postsMeanwhile(server.url);
  rows.push([`POST /log while ${SCANS} full scans run, p99`, shownMs(posts)]);
  await server.stop();
}

/** Entries from all over the store. */
async function timeOfIds(serverUrl: string): Promise<number> {
  const times: number[] = [];
  for (let number = 0; number < IDS; number++) {
    const until = new Date(DAY_START_MS + ((DAY_END_MS - DAY_START_MS) * (number + 0.5)) / IDS).toISOString();
    const response = await fetch(`${new URL(paths.search, serverUrl)}?limit=1&until=${until}`);
    const id = ((await response.json()) as SearchBody).logs[0]?.uuid;
    assert.ok(id);
    times.push((await ask(serverUrl, paths.entry(id))).ms);
  }
  return median(times);
}

async function postsMeanwhile(serverUrl: string): Promise<number> {
  const endMs = performance.now() + POSTING_MS;
  const times: number[] = [];
  const scan = async (number: number) => {
    for (let round = 0; performance.now() < endMs; round++) {
      // One that is cut off because it had to wait has done its part.
      const query = new URLSearchParams({ query: `${number}${round}9f2a32` });
      await (await fetch(`${new URL(paths.stats, serverUrl)}?${query}`)).text();
    }
  };
  const post = async () => {
    while (performance.now() < endMs) {
      const beginMs = performance.now();
      const body = JSON.stringify({ level: 'INFO', message: 'posted while searches run', client_id: 'bench' });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(new URL(paths.log, serverUrl), { method: 'POST', headers, body });
      assert.equal(response.status, 201);
      await response.text();
      times.push(performance.now() - beginMs);
      await sleep(10);
    }
  };
  await Promise.all([...Array.from({ length: SCANS }, (_, number) => scan(number)), post(), post(), post(), post()]);
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

/** What is in the active segment is sealed too once that is full: here, at the next entry. */
async function diskWhenSealed(): Promise<void> {
  const server = await serve(data, '--segment-size', '64KB');
  const body = JSON.stringify({ message: 'the last one' });
  await fetch(new URL(paths.log, server.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await sleep(1_000);
  await allSealed(data);
  await server.stop();
  rows.push(['disk, all of it sealed, with its index', mb(await bytesOf(data))]);
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function say(told: string): void {
  process.stderr.write(`${told}\n`);
}
