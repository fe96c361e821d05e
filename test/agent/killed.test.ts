/**
 * The promise as a whole: whatever is killed, cut or rotated, each line arrives once and in order.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, existsSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { AgentProcessOptions } from '../support/agent-process.ts';
import { createRandom, type Random } from '../support/faulty-files.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type Fault, startIngestSink } from '../support/ingest-sink.ts';

const PROGRAM = new URL('../support/agent-process.ts', import.meta.url).pathname;
const SEEDS = process.env.LOGD_TEST_SEEDS?.split(',').map(Number) ?? [1, 2, 3];
const STEPS = 120;

const FAULTS: readonly (Fault | undefined)[] = [
  undefined,
  undefined,
  undefined,
  'cut-before',
  'cut-after',
  'half-answer',
  'stall-after',
  { status: 503, headers: { 'retry-after': '0' } },
];

for (const rotation of ['rename', 'copytruncate'] as const) {
  for (const seed of SEEDS) {
    test(`killed: rotated by ${rotation}, agent killed and connections cut at random moments (seed ${seed})`, (t) =>
      chaos(t, rotation, seed));
  }
}

async function chaos(t: TestContext, rotation: 'rename' | 'copytruncate', seed: number): Promise<void> {
  const random = createRandom(seed);
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.log');
  writeFileSync(path, '');
  const sink = await startIngestSink();
  t.after(() => sink.close());
  sink.choose = () => FAULTS[Math.floor(random() * FAULTS.length)];
  const options = { server: sink.url, path, stateFolder: join(folder, 'state'), spoolBytesMax: 64 * 1024 };

  let agent = start(t, options);
  let next = write(path, 0, random);
  let rotated = 0;
  // What was rotated away before the file was ever seen is nobody's promise.
  await sink.until((entries) => entries.length > 0, 'the first lines');
  for (let step = 0; step < STEPS; step++) {
    const choice = random();
    if (choice < 0.75) next = write(path, next, random);
    else if (choice < 0.85) rotate(path, rotation, ++rotated);
    else if (choice < 0.91) {
      await kill(agent);
      // Sometimes it stays away for a while.
      for (let away = Math.floor(random() * 3); away > 0; away--) {
        next = write(path, next, random);
        if (rotation === 'rename' && random() < 0.5) rotate(path, rotation, ++rotated);
      }
      agent = start(t, options);
    }
    await pause(random() * 40);
  }
  next = write(path, next, random);
  sink.choose = undefined;
  const expected = Array.from({ length: next }, (_, index) => `line ${index}`);
  try {
    await sink.until(() => sink.messages().length >= next, `${next} lines`, 30_000);
  } finally {
    const messages = sink.messages();
    const first = messages.findIndex((message, index) => message !== expected[index]);
    if (first !== -1)
      t.diagnostic(`differs at ${first}: ${messages.slice(Math.max(0, first - 2), first + 3).join(' | ')}`);
    assert.ok(
      first === -1 && messages.length === next,
      `${messages.length} lines instead of ${next}, first fault at ${first}`,
    );
  }
  if (rotation === 'rename') assert.deepEqual(sink.notices(), []);
  t.diagnostic(`${next} lines, ${rotated} rotations, ${sink.keys.length} requests, ${sink.duplicates} repeats`);
}

/** Some lines, in one piece or in two, so that a line is cut. */
function write(path: string, next: number, random: Random): number {
  const count = 1 + Math.floor(random() * 200);
  const text = Array.from({ length: count }, (_, index) => `line ${next + index}\n`).join('');
  const cut = Math.floor(random() * text.length);
  appendFileSync(path, text.slice(0, cut));
  appendFileSync(path, text.slice(cut));
  return next + count;
}

function rotate(path: string, rotation: 'rename' | 'copytruncate', count: number): void {
  for (let number = count; number > 1; number--) {
    if (existsSync(`${path}.${number - 1}`)) renameSync(`${path}.${number - 1}`, `${path}.${number}`);
  }
  if (rotation === 'rename') {
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
  } else {
    copyFileSync(path, `${path}.1`);
    truncateSync(path, 0);
  }
}

function start(t: TestContext, options: AgentProcessOptions): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr?.on('data', (bytes) => {
    if (process.env.LOGD_TEST_VERBOSE || String(bytes).includes('failed')) t.diagnostic(String(bytes).trim());
  });
  t.after(() => kill(child));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
