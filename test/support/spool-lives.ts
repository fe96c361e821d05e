/**
 * The agent's inside, from the outbox to a server, on a disk that fails at random, with a process that ends at random steps
 * and removals that a power loss undoes: as many lives as it takes until all lines are through.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import type { BatchHeader } from '../../src/agent/batch-file.ts';
import type { SpoolPolicy } from '../../src/agent/outbox.ts';
import type { Poster, PostResult } from '../../src/agent/post.ts';
import { liveOnce } from './agent-inside.ts';
import { createRandom, FaultyDisk, type Random } from './faulty-files.ts';
import { temporaryFolder } from './folder.ts';

const SPOOL_BYTES = 16 * 4_096;
const LIVES_MAX = 200;

export interface LivesOptions {
  readonly seed: number;
  readonly lines: number;
  readonly policy: SpoolPolicy;
  /** Of each request, that the server goes away for a while. */
  readonly awayChance?: number;
}

export interface Lived {
  readonly lines: readonly string[];
  readonly notices: readonly string[];
}

/** What arrived, when the last line has been let go by the agent. */
export async function liveUntilDone(t: TestContext, options: LivesOptions): Promise<Lived> {
  const random = createRandom(options.seed);
  const folder = join(temporaryFolder(t), 'state');
  const disk = new ForgetfulDisk(random);
  const server = new Server(random, options.awayChance ?? 0);
  const post: Poster = (_url, header, body) => server.take(header, body);
  let lives = 0;
  for (let isDone = false; !isDone; lives++) {
    assert.ok(lives < LIVES_MAX, `not done after ${lives} lives: ${server.lines.length} lines`);
    disk.stepsToKill = lives > LIVES_MAX / 2 ? Number.POSITIVE_INFINITY : 1 + Math.floor(random() * 150);
    isDone = await liveOnce({
      folder,
      disk,
      post,
      random,
      lines: options.lines,
      spoolBytesMax: SPOOL_BYTES,
      policy: options.policy,
    });
    if (random() < 0.5) disk.undoRemovals();
    disk.restart();
  }
  t.diagnostic(`${lives} lives, ${server.repeats} repeats`);
  return server;
}

/** Takes batches as the server does, and loses answers. */
class Server {
  /** In the order of storing, without the agent's own. */
  readonly lines: string[] = [];
  /** The agent's own. */
  readonly notices: string[] = [];
  /** So many requests from now on find nobody. */
  #awayFor = 0;
  repeats = 0;
  readonly #marks = new Map<string, { sequence: number; body: string }>();
  readonly #random: Random;

  readonly #awayChance: number;

  constructor(random: Random, awayChance: number) {
    this.#random = random;
    this.#awayChance = awayChance;
  }

  async take({ producer, sequence, encoding }: BatchHeader, body: Buffer): Promise<PostResult> {
    await nextTurn();
    const lost: PostResult = { kind: 'no-answer', code: 'ECONNRESET', reason: 'the connection was cut' };
    if (this.#awayFor > 0) {
      this.#awayFor--;
      return lost;
    }
    if (this.#random() < this.#awayChance) this.#awayFor = Math.floor(this.#random() * 60);
    if (this.#random() < 0.1) return lost;
    const text = (encoding === 'zstd' ? zstdDecompressSync(body) : body).toString();
    const mark = this.#marks.get(producer);
    if (mark && sequence <= mark.sequence) {
      assert.ok(sequence < mark.sequence || text === mark.body, `batch ${sequence} came again with another body`);
      this.repeats++;
    } else {
      this.#marks.set(producer, { sequence, body: text });
      for (const line of text.trim().split('\n')) {
        const { source, message } = JSON.parse(line) as { source?: string; message: string };
        (source === 'logd' ? this.notices : this.lines).push(message);
      }
    }
    if (this.#random() < 0.15) return lost;
    return { kind: 'stored', isDuplicate: false, rejected: [], isBodySent: this.#random() < 0.7 };
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
