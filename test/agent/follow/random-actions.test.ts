/**
 * A followed file through random sequences of what programs and rotation do to it, beside a small model of what must
 * arrive: each line once, in the order it was written. LOGD_TEST_SEEDS sets how many sequences, LOGD_TEST_SEED the first.
 */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { AgentRun } from '../../support/agent-run.ts';
import { createRandom, type Random } from '../../support/faulty-files.ts';
import { type Scene, scene, TIMING } from '../../support/following-scene.ts';

const SEEDS = Number(process.env.LOGD_TEST_SEEDS ?? 4);
const FIRST_SEED = Number(process.env.LOGD_TEST_SEED ?? 1);
const ACTIONS = 12;
const GENERATIONS = 5;

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
  test(`following: whatever is done to a file, each line arrives once and in order (seed ${seed})`, (t) =>
    run(t, seed));
}

async function run(t: TestContext, seed: number): Promise<void> {
  const world = new World(await scene(t), createRandom(seed));
  const done: string[] = [];
  await world.start();
  try {
    for (let count = 0; count < ACTIONS; count++) done.push(await world.act());
    await world.finish();
  } finally {
    t.diagnostic(done.join(', '));
  }
}

/** The file, its writer and its follower; and the lines that must have arrived in the end. */
class World {
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #lines: string[] = [];
  #agent: AgentRun | undefined;
  /** What was written of a line that has no end yet. */
  #partial = '';

  constructor(around: Scene, random: Random) {
    this.#scene = around;
    this.#random = random;
  }

  async start(): Promise<void> {
    this.#write(3);
    this.#agent = this.#scene.start();
    await this.#arrived();
  }

  /** @returns its name */
  async act(): Promise<string> {
    const actions = [
      this.append,
      this.append,
      this.beginLine,
      this.rotate,
      this.rotateUnderWriter,
      this.copyAndTruncate,
      this.pack,
      this.removeAndMakeAnew,
      this.writeAnew,
      this.restart,
      this.goAway,
    ] as const;
    const action = actions[Math.floor(this.#random() * actions.length)] ?? this.append;
    await action.call(this);
    return action.name;
  }

  async finish(): Promise<void> {
    this.#endLine();
    await this.#arrived();
    await this.#agent?.stop();
    assert.deepEqual(this.#scene.sink.messages(), this.#lines);
    assert.deepEqual(this.#scene.sink.notices(), []);
  }

  async append(): Promise<void> {
    this.#write(1 + Math.floor(this.#random() * 20));
    if (this.#random() < 0.5) await wait(this.#random() * 60);
  }

  async beginLine(): Promise<void> {
    if (this.#partial !== '') return;
    this.#partial = `${this.#lines.length} begun `;
    appendFileSync(this.#scene.path, this.#partial);
    await wait(this.#random() * 60);
  }

  async rotate(): Promise<void> {
    await this.#quiet();
    this.#makeRoom();
    renameSync(this.#scene.path, `${this.#scene.path}.1`);
    this.#write(2);
  }

  /** The writer goes on with the old file for a while, and ends there the line that it began. */
  async rotateUnderWriter(): Promise<void> {
    await this.#quiet();
    const old = openSync(this.#scene.path, 'a');
    this.#makeRoom();
    renameSync(this.#scene.path, `${this.#scene.path}.1`);
    await wait(this.#random() * TIMING.rotationGraceMs * 0.5);
    const text = this.#newLines(3);
    writeSync(old, text);
    closeSync(old);
    this.#write(2);
  }

  async copyAndTruncate(): Promise<void> {
    await this.#quiet();
    this.#makeRoom();
    copyFileSync(this.#scene.path, `${this.#scene.path}.1`);
    truncateSync(this.#scene.path, 0);
    await this.#seen();
    this.#write(2);
  }

  /** As logrotate does with delaycompress: what has long been rotated. */
  async pack(): Promise<void> {
    const from = `${this.#scene.path}.2`;
    if (!existsSync(from)) return;
    await this.#quiet();
    await wait(TIMING.rotationGraceMs + TIMING.lingerMs);
    writeFileSync(`${from}.gz`, gzipSync(readFileSync(from)));
    rmSync(from);
  }

  /** On most file systems with the same inode; the agent looks on, or it must tell of what it could not know. */
  async removeAndMakeAnew(): Promise<void> {
    await this.#quiet();
    rmSync(this.#scene.path);
    await this.#seen();
    this.#write(2);
    await this.#quiet();
  }

  async writeAnew(): Promise<void> {
    await this.#quiet();
    writeFileSync(this.#scene.path, this.#newLines(3));
    await this.#seen();
  }

  async restart(): Promise<void> {
    await this.#agent?.stop();
    this.#agent = this.#scene.start();
  }

  /** Lines are written and the file is rotated while nobody looks. */
  async goAway(): Promise<void> {
    await this.#quiet();
    await this.#agent?.stop();
    this.#write(4);
    if (this.#random() < 0.5) {
      this.#makeRoom();
      renameSync(this.#scene.path, `${this.#scene.path}.1`);
      this.#write(3);
    }
    this.#agent = this.#scene.start();
    await this.#arrived();
  }

  #newLines(count: number): string {
    let text = '';
    for (let index = 0; index < count; index++) {
      const line = `${this.#partial}${this.#lines.length} ${'x'.repeat(Math.floor(this.#random() * 80))}`;
      this.#lines.push(line);
      text += `${line.slice(this.#partial.length)}\n`;
      this.#partial = '';
    }
    return text;
  }

  #write(count: number): void {
    appendFileSync(this.#scene.path, this.#newLines(count));
  }

  #endLine(): void {
    if (this.#partial !== '') this.#write(1);
  }

  /** All is read and the last rotation is over: what is done next can lose nothing. */
  async #quiet(): Promise<void> {
    this.#endLine();
    await this.#arrived();
    await wait(TIMING.rotationGraceMs + 3 * TIMING.scanMs);
    await this.#arrived();
  }

  async #seen(): Promise<void> {
    await wait(2 * (TIMING.scanMs + TIMING.pollMs));
  }

  #arrived(): Promise<void> {
    return this.#scene.arrived(this.#lines);
  }

  #makeRoom(): void {
    const { path } = this.#scene;
    for (const ending of ['', '.gz']) rmSync(`${path}.${GENERATIONS}${ending}`, { force: true });
    for (let number = GENERATIONS - 1; number > 0; number--) {
      for (const ending of ['', '.gz']) {
        const from = `${path}.${number}${ending}`;
        if (existsSync(from)) renameSync(from, `${path}.${number + 1}${ending}`);
      }
    }
  }
}
