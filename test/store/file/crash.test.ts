/**
 * Random actions and crash points over a disk that forgets, fills up and fails, compared with a small model.
 * LOGD_TEST_SEED repeats one run; LOGD_TEST_ROUNDS sets how many there are.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ID_NONE } from '../../../src/entry/id.ts';
import type { Fsync } from '../../../src/store/file/commit-log.ts';
import { openFileStore } from '../../../src/store/file/file-store.ts';
import { FSYNC_INTERVAL_MS } from '../../../src/store/file/limits.ts';
import { createInlinePacker } from '../../../src/store/file/packer.ts';
import { type BatchOrigin, type Store, StoreError } from '../../../src/store/store.ts';
import { type Clock, realClock } from '../../../src/system/clock.ts';
import type { Report } from '../../../src/system/reporter.ts';
import { type SentBatch, StoreModel } from '../../models/store-model.ts';
import { batchOf } from '../../support/drafts.ts';
import { createRandom, FaultyDisk, type Random } from '../../support/faulty-files.ts';
import { temporaryFolder } from '../../support/folder.ts';

const ROUNDS = Number(process.env.LOGD_TEST_ROUNDS ?? 60);
const LIVES = 6;
const STEPS = 14;

test('file store: whatever ends it and whatever the disk forgets, answered is stored, once, and batches are whole', async (t) => {
  const only = process.env.LOGD_TEST_SEED;
  const seeds = only === undefined ? Array.from({ length: ROUNDS }, () => Math.floor(Math.random() * 2 ** 32)) : [only];
  for (const seed of seeds) {
    try {
      await new Trial(t, Number(seed)).run();
    } catch (error) {
      t.diagnostic(`repeat with LOGD_TEST_SEED=${seed}`);
      throw error;
    }
  }
});

interface Producer {
  readonly name: string;
  sequence: number;
  /** Sent and not answered: it is sent again before the next. */
  open: SentBatch | undefined;
}

class Trial {
  readonly #folder: string;
  readonly #random: Random;
  readonly #disk: FaultyDisk;
  readonly #model = new StoreModel();
  readonly #fsync: Fsync;
  readonly #segmentBytes: number;
  readonly #retainBytes: number | undefined;
  /** Groups with more text have it in the log alone. */
  readonly #journaledBytes: number;
  /** What is synced after a while is synced after some turns, so that it falls among the steps. */
  readonly #clock: Clock = {
    ...realClock,
    sleep: async (durationMs, signal) => {
      if (durationMs !== FSYNC_INTERVAL_MS) return realClock.sleep(durationMs, signal);
      for (let turns = this.#below(60); turns > 0 && !signal?.aborted; turns--) await nextTurn();
    },
  };
  readonly #producers: Producer[] = ['agent-a', 'agent-b'].map((name) => ({ name, sequence: 0, open: undefined }));
  readonly #ids: string[] = [];
  #isCutBackFailed = false;
  #note = 0;

  constructor(t: TestContext, seed: number) {
    this.#folder = temporaryFolder(t);
    this.#random = createRandom(seed);
    this.#disk = new FaultyDisk(this.#random);
    this.#fsync = this.#pick(['group', 'group', 'group', 'interval', 'off']);
    this.#segmentBytes = this.#pick([300, 800, 2_000, Number.POSITIVE_INFINITY]);
    this.#journaledBytes = this.#pick([0, 300, 10_000]);
    this.#retainBytes = this.#chance(0.3) ? 3_000 + this.#below(10_000) : undefined;
  }

  async run(): Promise<void> {
    for (let life = 0; life < LIVES; life++) {
      this.#disk.restart();
      const store = await this.#open();
      if (store === undefined) continue;
      await this.#live(store);
      const isKilled = this.#disk.isKilled || this.#chance(0.5);
      this.#disk.isKilled = isKilled;
      await store.close();
      const isPowerLost = isKilled && this.#chance(0.7);
      if (isPowerLost) this.#disk.loseUnsynced();
      await this.#check(isPowerLost && this.#fsync !== 'group');
    }
  }

  /** A start may be killed too. */
  async #open(): Promise<Store | undefined> {
    if (this.#chance(0.2)) this.#disk.stepsToKill = 1 + this.#below(12);
    try {
      return await this.#openStore();
    } catch (error) {
      assert.ok(this.#disk.isKilled, `it does not open: ${String(error)}`);
      if (this.#chance(0.7)) this.#disk.loseUnsynced();
      return undefined;
    }
  }

  #openStore(retainBytes = this.#retainBytes): Promise<Store> {
    return openFileStore({
      folder: this.#folder,
      files: this.#disk,
      listener: { onCommit() {}, onState() {} },
      reporter: (report: Report) => {
        if (report.event === 'cut-back-failed') this.#isCutBackFailed = true;
      },
      fsync: this.#fsync,
      clock: this.#clock,
      sizes: { blockBytes: 400, journalBytesMax: 600, journaledBytesMax: this.#journaledBytes },
      segmentBytes: this.#segmentBytes,
      retain: { bytes: retainBytes },
      packer: createInlinePacker(),
    });
  }

  async #live(store: Store): Promise<void> {
    if (this.#chance(0.6)) this.#disk.stepsToKill = 1 + this.#below(120);
    const running: Promise<void>[] = [];
    for (let step = 0; step < STEPS && !this.#disk.isKilled; step++) {
      running.push(this.#act(store));
      if (this.#chance(0.4)) await Promise.all(running.splice(0));
    }
    await Promise.all(running);
  }

  async #act(store: Store): Promise<void> {
    const choice = this.#random();
    if (choice < 0.25) return this.#append(store, this.#model.send(1));
    if (choice < 0.45) return this.#append(store, this.#model.send(2 + this.#below(4)));
    if (choice < 0.75) return this.#produce(store, this.#pick(this.#producers));
    if (choice < 0.9) return this.#changeState(store);
    if (choice < 0.94) this.#disk.roomBytes = this.#chance(0.5) ? this.#below(600) : Number.POSITIVE_INFINITY;
    else if (choice < 0.97) this.#disk.failingSyncs = this.#below(3);
    else this.#disk.roomBytes = Number.POSITIVE_INFINITY;
  }

  async #append(store: Store, sent: SentBatch): Promise<void> {
    try {
      const answer = await store.append(batchOf(this.#model.messagesOf(sent), Date.now()), sent.origin);
      sent.answer ??= answer;
      if (answer.kind === 'conflict') throw new Error(`batch ${sent.number} was sent again as it was: conflict`);
      assert.ok(answer.kind === 'stored' || sent.origin, 'a batch without an origin cannot be a duplicate');
      sent.outcome = 'stored';
      if (answer.firstId !== undefined) this.#ids.push(answer.firstId);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      // A refusal promises that nothing is stored, unless the program ends or cannot take back what it wrote.
      const isFirm = !this.#disk.isKilled && !this.#isCutBackFailed && sent.origin === undefined;
      if (isFirm && error.type !== 'closed') sent.outcome = 'refused';
    }
  }

  /** An agent: one batch at a time, each repeated until it is answered. */
  async #produce(store: Store, producer: Producer): Promise<void> {
    if (producer.open?.answer === undefined && producer.open !== undefined && this.#isSending.has(producer)) return;
    if (producer.open === undefined) {
      producer.sequence += 1 + this.#below(2);
      const origin: BatchOrigin = {
        producer: producer.name,
        sequence: producer.sequence,
        bodyHash: `body ${producer.sequence}`,
      };
      producer.open = this.#model.send(this.#below(4), origin);
    }
    if (this.#isSending.has(producer)) return;
    this.#isSending.add(producer);
    const { open } = producer;
    await this.#append(store, open);
    this.#isSending.delete(producer);
    if (open.outcome === 'stored') producer.open = undefined;
  }
  readonly #isSending = new Set<Producer>();

  async #changeState(store: Store): Promise<void> {
    if (this.#ids.length === 0) return;
    const id = this.#pick(this.#ids);
    const note = ++this.#note;
    const model = this.#model.notes.get(id) ?? { confirmed: 0, asked: 0, isPinAsked: false, isPinned: false };
    this.#model.notes.set(id, model);
    model.asked = note;
    const pin = this.#chance(0.5) ? { pin: true } : {};
    model.isPinAsked ||= pin.pin === true;
    try {
      const answer = await store.changeState([id], () => ({ note: `${note}`, ...pin }));
      const state = answer.get(id);
      if (state === undefined) return;
      model.confirmed = Math.max(model.confirmed, note);
      model.isPinned ||= state.isPinned;
    } catch (error) {
      assert.ok(error instanceof StoreError || this.#disk.isKilled, `changing a state: ${String(error)}`);
    }
  }

  async #check(isLossAllowed: boolean): Promise<void> {
    this.#disk.restart();
    // While it is looked at nothing is given up.
    const store = await this.#openStore(Number.POSITIVE_INFINITY);
    try {
      await this.#model.check(store, { isLossAllowed, isRetained: this.#retainBytes !== undefined });
      await this.#checkMarks(store, isLossAllowed);
      if (isLossAllowed || this.#retainBytes !== undefined) await this.#forgetLost(store);
    } finally {
      await store.close();
    }
  }

  /** The last answered batch of each producer is known by its number and its ids. */
  async #checkMarks(store: Store, isLossAllowed: boolean): Promise<void> {
    if (isLossAllowed) return;
    for (const { name } of this.#producers) {
      const last = this.#model.batches.findLast(
        ({ origin, outcome }) => origin?.producer === name && outcome === 'stored',
      );
      if (last?.origin === undefined) continue;
      const again = await store.append(batchOf(this.#model.messagesOf(last), 0), last.origin);
      assert.equal(again.kind, 'duplicate', `batch ${last.number} was answered, and stored a second time`);
    }
  }

  /** What was answered without a flush and lost is no longer owed. */
  async #forgetLost(store: Store): Promise<void> {
    const stored = await store.after(ID_NONE, 1_000_000);
    const numbers = new Set(stored.map(({ entry }) => Number.parseInt(entry.message, 10)));
    for (const batch of this.#model.batches) {
      if (!numbers.has(batch.number)) batch.outcome = 'unknown';
    }
    for (const producer of this.#producers) producer.open = undefined;
    const ids = new Set(stored.map(({ entry }) => entry.id));
    for (const [id, model] of this.#model.notes) {
      if (!ids.has(id)) this.#model.notes.delete(id);
      else if (this.#fsync !== 'group') Object.assign(model, { confirmed: 0, isPinned: false });
    }
    this.#ids.splice(0, this.#ids.length, ...this.#ids.filter((id) => ids.has(id)));
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T;
  }
}
