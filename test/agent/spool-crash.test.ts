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
import { loadState } from '../../src/agent/checkpoint.ts';
import { Outbox } from '../../src/agent/outbox.ts';
import type { PostResult } from '../../src/agent/post.ts';
import { Sender } from '../../src/agent/sender.ts';
import { openSpool } from '../../src/agent/spool.ts';
import { statePaths } from '../../src/agent/state-files.ts';
import type { Clock } from '../../src/system/clock.ts';
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
    isDone = await live(folder, disk, server, random);
    if (random() < 0.5) disk.undoRemovals();
    disk.restart();
  }
  assert.deepEqual(
    server.lines,
    Array.from({ length: LINES }, (_, index) => `line ${index}`),
  );
  t.diagnostic(`${lives} lives, ${server.repeats} repeats`);
}

/** One run of the agent's inside, until all is delivered or its process ends. */
async function live(folder: string, disk: ForgetfulDisk, server: Server, random: Random): Promise<boolean> {
  const stop = new AbortController();
  const clock = hurriedClock();
  try {
    await disk.makeFolder(folder);
    const state = await loadState(folder, disk);
    assert.equal(state.corrupt, undefined);
    const options = { folder: statePaths(folder).spool, bytesMax: 16 * 4_096, files: disk, reporter: () => {} };
    const spool = await openSpool(options, (message) => assert.fail(message));
    const outbox = new Outbox({
      folder,
      state,
      spool,
      compresses: random() < 0.5,
      clientId: 'web-1',
      files: disk,
      clock,
      reporter: () => {},
    });
    const sender = new Sender({
      servers: ['http://127.0.0.1:1'],
      post: (_url, header, body) => server.take(header, body),
      spool,
      lost: ({ what }) => assert.fail(what),
      onAcknowledged: () => outbox.onAcknowledged(),
      clock,
      reporter: () => {},
    });
    const sending = sender.run(stop.signal).catch((error: unknown) => {
      if (!disk.isKilled) throw error;
    });
    let next = Number(outbox.positions.get('test:1')?.next ?? 0);
    const checkpointing = outbox.keepCheckpoints(stop.signal);
    let isFlushed = false;
    while (!disk.isKilled && !(isFlushed && spool.depth === 0 && !sender.isBusy)) {
      const count = Math.min(LINES - next, 1 + Math.floor(random() * 8));
      if (count > 0) {
        const lines = Array.from({ length: count }, (_, index) => `{"message":"line ${next + index}"}\n`).join('');
        next += count;
        const chunk = { lines: Buffer.from(lines), count, positions: { 'test:1': { next } } };
        // A put that waits for room must not keep this loop from seeing the end of the process.
        void outbox.put(chunk);
      }
      if (random() < 0.3) void outbox.flush();
      if (random() < 0.1) void outbox.checkpoint();
      if (random() < 0.02) disk.failingSyncs = 1 + Math.floor(random() * 3);
      disk.roomBytes = random() < 0.05 ? Math.floor(random() * 300) : Number.POSITIVE_INFINITY;
      await nextTurn();
      // Not waited for: it does not end while the disk has ended.
      if (next >= LINES) {
        void outbox.flush().then(() => {
          isFlushed = true;
        });
      }
    }
    const isDone = !disk.isKilled;
    stop.abort();
    await outbox.close();
    await Promise.all([sending, checkpointing]);
    return isDone && !disk.isKilled;
  } catch (error) {
    stop.abort();
    if (disk.isKilled) return false;
    throw error;
  }
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

/** Every wait is over at once, and time has passed. */
function hurriedClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    async sleep(durationMs) {
      nowMs += durationMs;
      await nextTurn();
    },
  };
}
