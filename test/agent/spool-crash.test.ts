/**
 * Spool, checkpoint and sender on a disk that fails at random, with a process that ends at random steps and removals that
 * a power loss undoes: each line is in the server once and in order.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import type { BatchHeader } from '../../src/agent/batch-file.ts';
import type { Poster, PostResult } from '../../src/agent/post.ts';
import { liveOnce } from '../support/agent-inside.ts';
import { createRandom, FaultyDisk, type Random } from '../support/faulty-files.ts';
import { temporaryFolder } from '../support/folder.ts';

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);
const LINES = 400;
const LIVES_MAX = 200;

for (const seed of SEEDS) {
  test(`spool: whatever the disk does and whenever the process ends, each line arrives once (seed ${seed})`, (t) =>
    run(t, seed));
}

async function run(t: TestContext, seed: number): Promise<void> {
  const random = createRandom(seed);
  const folder = join(temporaryFolder(t), 'state');
  const disk = new ForgetfulDisk(random);
  const server = new Server(random);
  let lives = 0;
  for (let isDone = false; !isDone; lives++) {
    assert.ok(lives < LIVES_MAX, `not done after ${lives} lives: ${server.lines.length} lines`);
    disk.stepsToKill = lives > LIVES_MAX / 2 ? Number.POSITIVE_INFINITY : 1 + Math.floor(random() * 150);
    const post: Poster = (_url, header, body) => server.take(header, body);
    isDone = await liveOnce({ folder, disk, post, random, lines: LINES, spoolBytesMax: 16 * 4_096 });
    if (random() < 0.5) disk.undoRemovals();
    disk.restart();
  }
  assert.deepEqual(
    server.lines,
    Array.from({ length: LINES }, (_, index) => `line ${index}`),
  );
  t.diagnostic(`${lives} lives, ${server.repeats} repeats`);
}

/** Takes batches as the server does, and loses answers. */
class Server {
  readonly lines: string[] = [];
  repeats = 0;
  readonly #marks = new Map<string, { sequence: number; body: string }>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  async take({ producer, sequence, encoding }: BatchHeader, body: Buffer): Promise<PostResult> {
    await nextTurn();
    const lost: PostResult = { kind: 'no-answer', code: 'ECONNRESET', reason: 'the connection was cut' };
    if (this.#random() < 0.1) return lost;
    const text = (encoding === 'zstd' ? zstdDecompressSync(body) : body).toString();
    const mark = this.#marks.get(producer);
    if (mark && sequence <= mark.sequence) {
      assert.ok(sequence < mark.sequence || text === mark.body, `batch ${sequence} came again with another body`);
      this.repeats++;
    } else {
      this.#marks.set(producer, { sequence, body: text });
      for (const line of text.trim().split('\n')) this.lines.push(JSON.parse(line).message);
    }
    if (this.#random() < 0.15) return lost;
    return { kind: 'stored', isDuplicate: false, rejected: [] };
  }
}

/** A removal is not synced: a power loss may bring the file back. */
class ForgetfulDisk extends FaultyDisk {
  readonly #removed = new Map<string, Buffer>();
  readonly #choose: Random;

  constructor(random: Random) {
    super(random);
    this.#choose = random;
  }

  override async remove(path: string): Promise<void> {
    if (existsSync(path)) this.#removed.set(path, readFileSync(path));
    await super.remove(path);
  }

  undoRemovals(): void {
    for (const [path, bytes] of this.#removed) {
      if (this.#choose() < 0.5 && !existsSync(path)) writeFileSync(path, bytes);
    }
    this.#removed.clear();
  }
}
