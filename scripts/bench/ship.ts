/**
 * npm run bench:ship [-- --rounds 3 --lines 3000000 --seed 1]
 * An agent reads a file into a server that keeps nothing, beside a bare Node loop that does the same without a spool; then
 * into logd serve on the same machine; then how long a new line takes to be shown. Prints a table. Fails when a line is
 * lost or doubled; never because something was slow.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Audience } from './audience.ts';
import { Compared } from './compared.ts';
import { corpus } from './corpus.ts';
import { type Ended, runToEnd } from './ended.ts';
import { type Listening, startListening } from './listening.ts';
import { median } from './median.ts';
import { watchOtherWork } from './other-work.ts';
import { installed, serve } from './served.ts';
import { shownCount, shownMs } from './shown.ts';
import { stampedMessage } from './stamp.ts';
import { storedCount } from './stored.ts';
import { markdownTable } from './table.ts';

const SINK = fileURLToPath(new URL('sink.ts', import.meta.url));
const BARE_SHIPPER = fileURLToPath(new URL('bare-shipper.ts', import.meta.url));
const LINES_PER_WRITE = 4_096;
/** New lines on a quiet system: how many, and the time between them. */
const NEW_LINES = 100;
const NEW_LINE_MS = 150;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    lines: { type: 'string', default: '3000000' },
    seed: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.rounds);
const lineCount = Number(values.lines);
const folder = await mkdtemp(join(tmpdir(), 'logd-bench-'));
const file = join(folder, 'app.txt');
const state = join(folder, 'state');

const speed = new Compared('file into a server that keeps nothing', (value) => `${shownCount(value)} lines/s`);
const cpu = new Compared('the same', (value) => `${value.toFixed(2)} CPU s per million`);
const memory = new Compared('the same, memory at its peak', (value) => `${value.toFixed(0)} MiB`);
const endToEnd: number[] = [];
const shown: { p50Ms: number; p99Ms: number }[] = [];

try {
  await pipeline(Readable.from(textOf(lineCount, Number(values.seed))), createWriteStream(file));
  for (let round = 1; round <= rounds; round++) {
    const otherWork = watchOtherWork();
    const logd = await intoSink((url) => runToEnd(installed(), shipOnce(url)));
    const bare = await intoSink((url) => runToEnd(process.execPath, [BARE_SHIPPER, file, url]));
    speed.add(lineCount / logd.seconds, lineCount / bare.seconds);
    cpu.add((logd.cpuSeconds / lineCount) * 1e6, (bare.cpuSeconds / lineCount) * 1e6);
    memory.add(logd.memoryPeakMb, bare.memoryPeakMb);
    endToEnd.push(await intoServer());
    shown.push(await newLines());
    say(`round ${round} of ${rounds}; other work took ${Math.round(otherWork() * 100)}% of the machine`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
const rows = [
  ...[speed, cpu, memory].map((compared) => compared.row()),
  ['file into logd serve, all on disk there', `${shownCount(median(endToEnd))} lines/s`, '', ''],
  ['a new line, from write to shown, p50', shownMs(median(shown.map(({ p50Ms }) => p50Ms))), '', ''],
  ['the same, p99', shownMs(median(shown.map(({ p99Ms }) => p99Ms))), '', ''],
];
process.stdout.write(markdownTable(['work', 'logd ship', 'yardstick', 'ratio'], rows));
say('yardstick: one Node loop that posts what it reads (bare-shipper.ts); each process from its start to its end');

function shipOnce(serverUrl: string): string[] {
  return ['ship', '--source', 'file', '--path', file, '--once', '--server', serverUrl, '--state', state];
}

async function intoSink(ship: (url: string) => Promise<Ended>): Promise<Ended> {
  const sink = await startListening(process.execPath, [SINK]);
  try {
    const ended = await ship(sink.url);
    const { lines } = (await (await fetch(sink.url)).json()) as { lines: number };
    assert.equal(lines, lineCount, 'each line has arrived once');
    return ended;
  } finally {
    await sink.stop();
    await rm(state, { recursive: true, force: true });
  }
}

/** @returns lines per second */
async function intoServer(): Promise<number> {
  return withServer(async (server) => {
    const { seconds } = await runToEnd(installed(), shipOnce(server.url));
    assert.equal(await storedCount(server.url), lineCount, 'each line is stored once');
    return lineCount / seconds;
  });
}

async function newLines(): Promise<{ p50Ms: number; p99Ms: number }> {
  return withServer(async (server) => {
    const path = join(folder, 'new.txt');
    appendFileSync(path, '');
    const audience = new Audience();
    await audience.open(server.url, 1);
    const args = ['ship', '--source', 'file', '--path', path, '--server', server.url, '--state', state];
    const agent = spawn(installed(), args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(agent, 'exit');
    await once(agent.stderr, 'data');
    for (let number = 0; number < NEW_LINES; number++) {
      appendFileSync(path, `${stampedMessage(number)}\n`);
      await sleep(NEW_LINE_MS);
    }
    agent.kill('SIGTERM');
    await ended;
    audience.close();
    await rm(path);
    assert.equal(audience.fault, undefined);
    assert.equal(audience.delays.total, NEW_LINES, 'each new line was shown once');
    return { p50Ms: audience.delays.at(0.5), p99Ms: audience.delays.at(0.99) };
  });
}

async function withServer<Result>(use: (server: Listening) => Promise<Result>): Promise<Result> {
  const data = join(folder, 'data');
  const server = await serve(data);
  try {
    return await use(server);
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
    await rm(state, { recursive: true, force: true });
  }
}

function* textOf(count: number, seed: number): Generator<string> {
  let lines: string[] = [];
  for (const { timeMs, level, clientId, message } of corpus({ count, seed })) {
    if (lines.push(`${new Date(timeMs).toISOString()} ${level} [${clientId}] ${message}\n`) < LINES_PER_WRITE) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
