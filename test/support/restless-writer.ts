/**
 * A program that logs numbered lines, and what a machine does to its file meanwhile: lines come in pieces, the file is
 * rotated by rename while the program still holds it, older files are packed. Seeded.
 */
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Random } from './faulty-files.ts';

export interface RestlessWriterOptions {
  readonly path: string;
  /** Stands in every line. */
  readonly name: string;
  readonly random: Random;
}

const LINES_MAX = 40;
const PIECE_PAUSE_MS_MAX = 150;
const PAUSE_MS_MAX = 60;
/** Faster than any machine rotates. */
const ROTATION_MS_MIN = 2_000;

export class RestlessWriter {
  readonly #path: string;
  readonly #name: string;
  readonly #random: Random;
  #handle: number;
  /** Lines written. */
  count = 0;
  rotations = 0;
  packed = 0;
  #rotatedMs = performance.now();

  constructor({ path, name, random }: RestlessWriterOptions) {
    this.#path = path;
    this.#name = name;
    this.#random = random;
    this.#handle = openSync(path, 'a');
    this.#put(this.#lines());
  }

  /** What a reader of all files would find, in order. */
  expected(): string[] {
    return Array.from({ length: this.count }, (_, index) => this.#line(index));
  }

  isOwn(message: string): boolean {
    return message.startsWith(`${this.#name} `);
  }

  /** Ends with its last line finished. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const choice = this.#random();
      const mayRotate = performance.now() - this.#rotatedMs > ROTATION_MS_MIN;
      if (mayRotate && choice < 0.1) await (choice < 0.05 ? this.#rotate() : this.#write(true));
      else if (choice < 0.15) await this.#pack();
      else await this.#write(false);
      await pause(this.#random() * PAUSE_MS_MAX);
    }
    closeSync(this.#handle);
  }

  /** @param isRotatedMeanwhile the file gets another name in the middle of a line */
  async #write(isRotatedMeanwhile: boolean): Promise<void> {
    const text = this.#lines();
    const isCut = this.#random() < 0.3 || isRotatedMeanwhile;
    const at = isCut ? Math.floor(this.#random() * text.length) : 0;
    this.#put(text.slice(0, at));
    if (isRotatedMeanwhile) this.#shift();
    if (isCut) await pause(this.#random() * PIECE_PAUSE_MS_MAX);
    this.#put(text.slice(at));
    if (isRotatedMeanwhile) this.#reopen();
  }

  async #rotate(): Promise<void> {
    this.#shift();
    // For a moment there is no file of that name.
    await pause(this.#random() * PAUSE_MS_MAX);
    this.#reopen();
  }

  /** Every file one number up. */
  #shift(): void {
    this.rotations++;
    this.#rotatedMs = performance.now();
    for (let number = this.rotations; number >= 1; number--) {
      for (const ending of ['', '.gz']) {
        const older = `${this.#path}.${number}${ending}`;
        if (existsSync(older)) renameSync(older, `${this.#path}.${number + 1}${ending}`);
      }
    }
    renameSync(this.#path, `${this.#path}.1`);
  }

  #reopen(): void {
    closeSync(this.#handle);
    this.#handle = openSync(this.#path, 'a');
  }

  /** As gzip does: the packed file grows beside the plain one, which goes when it is whole. */
  async #pack(): Promise<void> {
    const number = 1 + Math.floor(this.#random() * 2);
    const plain = `${this.#path}.${number}`;
    if (!existsSync(plain) || existsSync(`${plain}.gz`)) return;
    const bytes = gzipSync(readFileSync(plain));
    const handle = openSync(`${plain}.gz`, 'a');
    writeSync(handle, bytes.subarray(0, bytes.length / 2));
    await pause(this.#random() * PAUSE_MS_MAX);
    writeSync(handle, bytes.subarray(bytes.length / 2));
    closeSync(handle);
    const { atime, mtime } = statSync(plain);
    utimesSync(`${plain}.gz`, atime, mtime);
    unlinkSync(plain);
    this.packed++;
  }

  #lines(): string {
    const count = 1 + Math.floor(this.#random() * LINES_MAX);
    const lines = Array.from({ length: count }, (_, index) => `${this.#line(this.count + index)}\n`);
    this.count += count;
    return lines.join('');
  }

  #line(number: number): string {
    return `${this.#name} line ${number} ${'.'.repeat((number * 7) % 150)}`;
  }

  #put(text: string): void {
    writeSync(this.#handle, text);
  }
}
