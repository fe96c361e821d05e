/**
 * npm run bench:ingest [-- --rounds 5 --lines 1000000 --seconds 5 --seed 1]
 * Takes entries in one by one and in batches, beside what Node alone does with the same, and prints a table. Fails when
 * an entry is lost, doubled or refused; never because something was slow.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loopOver, postBatches } from './batches.ts';
import { batchesOf, ndjsonOf } from './bodies.ts';
import { Compared, comparedTable } from './compared.ts';
import type { Listening } from './listening.ts';
import { watchOtherWork } from './other-work.ts';
import { serve, serveBare } from './served.ts';
import { shownCount } from './shown.ts';
import { hasWrk, sendSingles } from './singles.ts';
import { storedCount } from './stored.ts';

const SINGLE_CONNECTIONS = 64;
/** Bodies that single posts go round through. */
const SINGLE_BODIES = 20_000;
const WARM_UP_SECONDS = 2;
const WARM_UP_LINES = 300_000;
const BATCHES = [
  { lines: 1_000, connections: 8 },
  { lines: 5_000, connections: 2 },
  { lines: 10_000, connections: 2 },
] as const;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    lines: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const ndjson = ndjsonOf(Number(values.lines), Number(values.seed));
const folder = await mkdtemp(join(tmpdir(), 'logd-bench-'));
const ndjsonPath = join(folder, 'corpus.ndjson');
const bodiesPath = join(folder, 'bodies.ndjson');

const perSecond = (value: number) => `${shownCount(value)}/s`;
const cpu = (value: number) => `${value.toFixed(2)} CPU s per million`;
const singles = new Compared(`POST /log, ${SINGLE_CONNECTIONS} connections`, perSecond);
const singlesCpu = new Compared('the same', cpu);
const batches = BATCHES.map((batch) => {
  const name = `POST /logs, ${batch.lines.toLocaleString('en')} entries each, ${batch.connections} connections`;
  return { ...batch, speed: new Compared(name, perSecond), cpu: new Compared('the same', cpu) };
});

if (!hasWrk) say('wrk is not installed: Node sends the single posts, and is then what is measured');
try {
  await writeFile(ndjsonPath, ndjson);
  const bodies = batchesOf(ndjson, 1).slice(0, SINGLE_BODIES);
  await writeFile(bodiesPath, Buffer.concat(bodies));
  for (let round = 1; round <= rounds; round++) {
    const otherWork = watchOtherWork();
    await singlesRound(bodies);
    for (const batch of batches) await batchRound(batch);
    sayRound(round, otherWork());
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.stdout.write(comparedTable([singles, singlesCpu, ...batches.flatMap((batch) => [batch.speed, batch.cpu])]));
say('yardsticks: of POST /log Node alone (bare.ts), of POST /logs one thread without HTTP (format-loop.ts)');

async function singlesRound(bodies: readonly Buffer[]): Promise<void> {
  const logd = await withServer(serve(dataFolder()), async (server) => {
    const measured = await measureSingles(server, bodies);
    const stored = await storedCount(server.url);
    // wrk ends with a request under way on each connection, whose answer it does not wait for.
    const unanswered = stored - measured.answeredInAll;
    assert.ok(unanswered >= 0, `${-unanswered} answered entries are not stored`);
    const unansweredMax = hasWrk ? 2 * SINGLE_CONNECTIONS : 0;
    assert.ok(unanswered <= unansweredMax, `${unanswered} entries are stored that nobody was answered for`);
    return measured;
  });
  const bare = await withServer(serveBare(), (server) => measureSingles(server, bodies));
  singles.add(logd.perSecond, bare.perSecond);
  singlesCpu.add(logd.cpuSecondsPerMillion, bare.cpuSecondsPerMillion);
}

async function measureSingles(server: Listening, bodies: readonly Buffer[]) {
  const options = { server, bodies, bodiesPath, connections: SINGLE_CONNECTIONS };
  const warmUp = await sendSingles({ ...options, seconds: WARM_UP_SECONDS });
  const measured = await sendSingles({ ...options, seconds });
  return { ...measured, answeredInAll: warmUp.answered + measured.answered };
}

async function batchRound({ lines, connections, speed, cpu }: (typeof batches)[number]): Promise<void> {
  const bodies = batchesOf(ndjson, lines);
  const logd = await withServer(serve(dataFolder()), async (server) => {
    const warmUp = await postBatches(server, { bodies: bodies.slice(0, WARM_UP_LINES / lines), connections });
    const measured = await postBatches(server, { bodies, connections });
    assert.equal(await storedCount(server.url), warmUp.entries + measured.entries, 'stored is what was sent');
    return measured;
  });
  const loop = await loopOver({
    ndjsonPath,
    outputPath: join(folder, 'loop.log'),
    warmUpLines: WARM_UP_LINES,
  });
  assert.equal(logd.entries, loop.entries, 'both were given the same');
  await rm(join(folder, 'loop.log'));
  speed.add(logd.entries / logd.seconds, loop.entries / loop.seconds);
  cpu.add((logd.cpuSeconds / logd.entries) * 1e6, (loop.cpuSeconds / loop.entries) * 1e6);
}

async function withServer<Result>(starting: Promise<Listening>, use: (server: Listening) => Promise<Result>) {
  const server = await starting;
  try {
    return await use(server);
  } finally {
    await server.stop();
    await rm(dataFolder(), { recursive: true, force: true });
  }
}

/** Empty at each start of a server. */
function dataFolder(): string {
  return join(folder, 'data');
}

function sayRound(round: number, otherWork: number): void {
  say(`round ${round} of ${rounds}; other work took ${Math.round(otherWork * 100)}% of the machine`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
