/**
 * npm run bench:stream [-- --rounds 5 --seconds 8]
 * Viewers of the live stream and a sender at an even rate, beside Node alone, which shares one write every 10 ms among
 * all. Prints a table. Fails when a viewer misses an entry or gets one twice; never because something was slow.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Audience } from './audience.ts';
import { Compared, comparedTable } from './compared.ts';
import type { Listening } from './listening.ts';
import { watchOtherWork } from './other-work.ts';
import { sendPaced } from './paced.ts';
import { processCost } from './process-cost.ts';
import { serve, serveBare } from './served.ts';
import { shownCount, shownMs } from './shown.ts';
import { storedCount } from './stored.ts';

const WORKS = [
  { viewers: 1_000, rate: 1_000 },
  { viewers: 100, rate: 100 },
] as const;
/** After the last entry was sent, late deliveries are waited for that long. */
const LATE_MS_MAX = 20_000;
const LOOK_MS = 5;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '8' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const folder = await mkdtemp(join(tmpdir(), 'logd-bench-'));

const works = WORKS.map(({ viewers, rate }) => {
  const name = `${viewers.toLocaleString('en')} viewers, ${rate.toLocaleString('en')} entries/s`;
  return {
    viewers,
    rate,
    speed: new Compared(`${name}: delivered`, (value) => `${shownCount(value)}/s`),
    p50: new Compared(`${name}: p50`, shownMs),
    p99: new Compared(`${name}: p99`, shownMs),
    cpu: new Compared(`${name}: CPU`, (value) => `${value.toFixed(2)} CPU s per million`),
  };
});

try {
  for (let round = 1; round <= rounds; round++) {
    const otherWork = watchOtherWork();
    for (const work of works) {
      const logd = await measureLogd(work);
      const bare = await measureBare(work);
      work.speed.add(logd.perSecond, bare.perSecond);
      work.p50.add(logd.p50Ms, bare.p50Ms);
      work.p99.add(logd.p99Ms, bare.p99Ms);
      work.cpu.add(logd.cpuSecondsPerMillion, bare.cpuSecondsPerMillion);
    }
    sayRound(round, otherWork());
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.stdout.write(comparedTable(works.flatMap(({ speed, p50, p99, cpu }) => [speed, p50, p99, cpu])));
say('yardstick: Node alone (bare.ts), which stores nothing; CPU is that of the server, per million deliveries');

interface Work {
  readonly viewers: number;
  readonly rate: number;
}

interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuSecondsPerMillion: number;
}

async function measureLogd(work: Work): Promise<Measured> {
  const data = join(folder, 'data');
  const server = await serve(data);
  try {
    const measured = await measure(server, work);
    assert.equal(await storedCount(server.url), work.rate * seconds, 'stored is what was sent');
    return measured;
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
}

async function measureBare(work: Work): Promise<Measured> {
  const server = await serveBare();
  try {
    return await measure(server, work);
  } finally {
    await server.stop();
  }
}

async function measure(server: Listening, { viewers, rate }: Work): Promise<Measured> {
  const audience = new Audience();
  await audience.open(server.url, viewers);
  const count = rate * seconds;
  const cpuBefore = processCost(server.pid).cpuSeconds;
  const startMs = performance.now();
  await sendPaced(server.url, { rate, count });
  const deadlineMs = performance.now() + LATE_MS_MAX;
  while (audience.delays.total < count * viewers && performance.now() < deadlineMs) await sleep(LOOK_MS);
  const spentSeconds = (performance.now() - startMs) / 1000;
  const cpuSeconds = processCost(server.pid).cpuSeconds - cpuBefore;
  audience.close();
  assert.equal(audience.fault, undefined);
  const { delays } = audience;
  assert.equal(delays.total, count * viewers, 'every viewer got every entry');
  return {
    perSecond: delays.total / spentSeconds,
    p50Ms: delays.at(0.5),
    p99Ms: delays.at(0.99),
    cpuSecondsPerMillion: (cpuSeconds / delays.total) * 1e6,
  };
}

function sayRound(round: number, otherWork: number): void {
  say(`round ${round} of ${rounds}; other work took ${Math.round(otherWork * 100)}% of the machine`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
