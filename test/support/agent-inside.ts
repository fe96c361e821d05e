/**
 * The inside of an agent (spool, outbox, checkpoint, sender) over a disk that fails, with a source that counts: one life,
 * from a start to the end of the process or until everything is delivered.
 */
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { loadState } from '../../src/agent/checkpoint.ts';
import { loadDropLedger } from '../../src/agent/drop-ledger.ts';
import { Outbox, type SpoolPolicy } from '../../src/agent/outbox.ts';
import type { Poster } from '../../src/agent/post.ts';
import { Sender } from '../../src/agent/sender.ts';
import { openSpool } from '../../src/agent/spool.ts';
import { statePaths } from '../../src/agent/state-files.ts';
import type { Clock } from '../../src/system/clock.ts';
import { hasCode } from '../../src/system/files.ts';
import type { FaultyDisk, Random } from './faulty-files.ts';

export interface AgentLife {
  readonly folder: string;
  readonly disk: FaultyDisk;
  readonly post: Poster;
  readonly random: Random;
  /** Lines that the source has: `line 0`, `line 1`, … */
  readonly lines: number;
  readonly spoolBytesMax: number;
  readonly policy?: SpoolPolicy;
}

/** @returns whether everything was delivered; false: the process ended */
export async function liveOnce({
  folder,
  disk,
  post,
  random,
  lines,
  spoolBytesMax,
  policy = 'block',
}: AgentLife): Promise<boolean> {
  const stop = new AbortController();
  const clock = hurriedClock();
  try {
    await disk.makeFolder(folder);
    const state = await loadState(folder, disk);
    assert.equal(state.corrupt, undefined);
    const { ledger } = await loadDropLedger(folder, disk);
    const done = { acknowledged: state.acknowledged, dropped: ledger };
    const bounds = { folder: statePaths(folder).spool, bytesMax: spoolBytesMax };
    const options = { ...bounds, done, files: disk, reporter: () => {} };
    const spool = await openSpool(options, (message) => assert.fail(message));
    const outbox = new Outbox({
      folder,
      state,
      spool,
      ledger,
      policy,
      batchBytesMax: spoolBytesMax / 4,
      compresses: random() < 0.5,
      clientId: 'web-1',
      files: disk,
      clock,
      reporter: () => {},
    });
    const sender = new Sender({
      servers: ['http://127.0.0.1:1'],
      post,
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
      const count = Math.min(lines - next, 1 + Math.floor(random() * 8));
      if (count > 0) {
        const text = Array.from({ length: count }, (_, index) => `{"message":"line ${next + index}"}\n`).join('');
        next += count;
        const chunk = { lines: Buffer.from(text), count, positions: { 'test:1': { next } } };
        // A put that waits for room must not keep this loop from seeing the end of the process.
        void outbox.put(chunk);
      }
      if (random() < 0.3) void outbox.flush();
      if (random() < 0.1) void outbox.checkpoint();
      if (random() < 0.02) disk.failingSyncs = 1 + Math.floor(random() * 3);
      disk.roomBytes = random() < 0.05 ? Math.floor(random() * 300) : Number.POSITIVE_INFINITY;
      await nextTurn();
      // Not waited for: it does not end while the disk has ended.
      if (next >= lines) {
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
    // An agent that cannot make its state says so and ends; whoever keeps it running starts it again.
    if (disk.isKilled || hasCode(error, 'EIO')) return false;
    throw error;
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
