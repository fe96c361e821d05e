/**
 * Power cuts on both sides: the agent's inside and a real store, each over a faulty file layer (`PowerCutDisk`,
 * `FaultyDisk`: real files whose unsynced writes and names are taken back; not dm-flakey, so what the kernel and the file
 * system themselves do is taken as promised). Each line is stored once and in order.
 * LOGD_TEST_SEED repeats one run; LOGD_TEST_ROUNDS sets how many there are.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import type { BatchHeader } from '../../src/agent/batch-file.ts';
import type { PostResult } from '../../src/agent/post.ts';
import { ID_NONE } from '../../src/entry/id.ts';
import { type Store, StoreError } from '../../src/store/store.ts';
import { liveOnce } from '../support/agent-inside.ts';
import { batchOf } from '../support/drafts.ts';
import { createRandom, FaultyDisk, type Random } from '../support/faulty-files.ts';
import { openForTest } from '../support/file-store.ts';
import { temporaryFolder } from '../support/folder.ts';
import { PowerCutDisk } from '../support/power-cut-disk.ts';

const ROUNDS = Number(process.env.LOGD_TEST_ROUNDS ?? 15);
const LINES = 250;
const LIVES_MAX = 200;

test(`power cut: whatever agent and server had not synced is lost, and each line is stored once (${ROUNDS} rounds)`, async (t) => {
  const only = process.env.LOGD_TEST_SEED;
  const seeds = only === undefined ? Array.from({ length: ROUNDS }, () => Math.floor(Math.random() * 2 ** 32)) : [only];
  const seen = { lives: 0, repeats: 0, cuts: 0 };
  for (const seed of seeds) {
    try {
      await round(t, Number(seed), seen);
    } catch (error) {
      t.diagnostic(`repeat with LOGD_TEST_SEED=${seed}`);
      throw error;
    }
  }
  t.diagnostic(`${seen.lives} lives of agents, ${seen.cuts} power cuts of servers, ${seen.repeats} repeats`);
  assert.ok(only !== undefined || (seen.repeats > 0 && seen.cuts > 0 && seen.lives > ROUNDS), 'nothing went wrong');
});

async function round(t: TestContext, seed: number, seen: { lives: number; repeats: number; cuts: number }) {
  const random = createRandom(seed);
  const folder = temporaryFolder(t);
  const disk = new PowerCutDisk(random, 0.03);
  const server = new Server(join(folder, 'data'), random);
  const agent = {
    folder: join(folder, 'agent'),
    disk,
    post: (_url: string, header: BatchHeader, body: Buffer) => server.take(header, body),
    random,
    lines: LINES,
    spoolBytesMax: 16 * 4_096,
  };
  let lives = 0;
  for (let isDone = false; !isDone; lives++) {
    assert.ok(lives < LIVES_MAX, `not done after ${lives} lives`);
    disk.stepsToKill = lives > LIVES_MAX / 2 ? Number.POSITIVE_INFINITY : 1 + Math.floor(random() * 120);
    isDone = await liveOnce(agent);
    if (random() < 0.7) disk.loseUnsynced();
    disk.restart();
  }
  assert.deepEqual(
    await server.messages(),
    Array.from({ length: LINES }, (_, index) => `line ${index}`),
  );
  seen.lives += lives;
  seen.cuts += server.cuts;
  seen.repeats += server.repeats;
}

/** A real store whose machine loses power now and then, before, while or after it stores. */
class Server {
  readonly #folder: string;
  readonly #random: Random;
  readonly #disk: FaultyDisk;
  #store: Store | undefined;
  repeats = 0;
  cuts = 0;

  constructor(folder: string, random: Random) {
    this.#folder = folder;
    this.#random = random;
    this.#disk = new FaultyDisk(random);
  }

  async take({ producer, sequence, encoding }: BatchHeader, body: Buffer): Promise<PostResult> {
    await nextTurn();
    const lost: PostResult = { kind: 'no-answer', code: 'ECONNRESET', reason: 'the connection was cut' };
    if (this.#random() < 0.1) return lost;
    const store = await this.#opened();
    if (!store) return lost;
    const text = (encoding === 'zstd' ? zstdDecompressSync(body) : body).toString();
    const lines = text.trim().split('\n');
    const messages = lines.map((line) => JSON.parse(line).message as string);
    try {
      const answer = await store.append(batchOf(messages, Date.now()), { producer, sequence, bodyHash: text });
      assert.notEqual(answer.kind, 'conflict', `batch ${sequence} came again with another body`);
      if (answer.kind === 'duplicate') this.repeats++;
      // What was answered may still be lost on its way; what was not may be stored.
      if (this.#disk.isKilled || this.#random() < 0.15) return lost;
      return { kind: 'stored', isDuplicate: answer.kind === 'duplicate', rejected: [] };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return this.#disk.isKilled ? lost : { kind: 'try-again', reason: error.message };
    }
  }

  async messages(): Promise<string[]> {
    await this.#cutPower();
    const { store } = await openForTest(this.#folder);
    try {
      return (await store.after(ID_NONE, 10 * LINES)).map(({ entry }) => entry.message);
    } finally {
      await store.close();
    }
  }

  /** Undefined when the power goes again while it starts. */
  async #opened(): Promise<Store | undefined> {
    if (this.#store && this.#disk.isKilled) await this.#cutPower();
    if (this.#store) return this.#store;
    this.#disk.stepsToKill = this.#random() < 0.8 ? 1 + Math.floor(this.#random() * 80) : Number.POSITIVE_INFINITY;
    try {
      const sizes = { blockBytes: 400, journalBytesMax: 600 };
      const opened = await openForTest(this.#folder, { files: this.#disk, sizes, segmentBytes: 2_000 });
      this.#store = opened.store;
      return this.#store;
    } catch (error) {
      if (!this.#disk.isKilled) throw error;
      await this.#cutPower();
      return undefined;
    }
  }

  async #cutPower(): Promise<void> {
    this.cuts++;
    this.#disk.isKilled = true;
    await this.#store?.close();
    this.#store = undefined;
    this.#disk.loseUnsynced();
    this.#disk.restart();
  }
}
