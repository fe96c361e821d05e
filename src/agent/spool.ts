/**
 * Batches on disk between the sources and the server, oldest first, bounded in bytes. A batch that is in the spool is
 * safe: written new, synced, moved into place, its folder synced. What the disk damaged is set aside and told.
 */
import { join } from 'node:path';
import { createEvent, type Event } from '../system/event.ts';
import { type Files, hasCode } from '../system/files.ts';
import { giveBack } from '../system/memory.ts';
import type { Report, Reporter } from '../system/reporter.ts';
import { type BatchHeader, decodeBatch, encodeBatchFile } from './batch-file.ts';
import { BODIES_HELD_BYTES_MAX, HEADERS_AT_ONCE, REFUSED_KEPT_MAX } from './limits.ts';
import {
  batchesIn,
  type DoneBatches,
  type HeaderOfFile,
  isDone,
  NONE_DONE,
  onDisk,
  readHeader,
} from './spool-folder.ts';
import { batchName } from './state-files.ts';

/** A batch's file, and the body within it. */
interface BatchBytes {
  readonly file: Buffer;
  readonly body: Buffer;
}

export interface SpooledBatch {
  readonly header: BatchHeader;
  /** Room on disk. */
  readonly diskBytes: number;
}

export interface SpoolOptions {
  readonly folder: string;
  /** Room on disk for waiting batches; into an empty spool a batch of any size is taken. */
  readonly bytesMax: number;
  /** What earlier runs know of batches that need not be sent. */
  readonly done?: DoneBatches | undefined;
  readonly files: Files;
  readonly reporter: Reporter;
}

/** What is said of a batch that is lost, in a visible entry; `lines`: how many, where that is known. */
export type SpoolNotice = (message: string, lines?: number) => void;

/** Opens the spool and finds what waits in it. */
export async function openSpool(options: SpoolOptions, onNotice: SpoolNotice): Promise<Spool> {
  await options.files.makeFolder(options.folder);
  const spool = new Spool(options, onNotice);
  await spool.find();
  return spool;
}

export class Spool {
  readonly #folder: string;
  readonly #bytesMax: number;
  readonly #files: Files;
  readonly #reporter: Reporter;
  readonly #onNotice: SpoolNotice;
  /** Not yet answered, oldest first. */
  #waiting: SpooledBatch[] = [];
  /** Answered; their files stay until the checkpoint includes them. */
  #acknowledged: SpooledBatch[] = [];
  /** Files of batches that wait, as long as there is room for them. */
  readonly #held = new Map<number, BatchBytes>();
  /** The one that was read back last. */
  #readBack: BatchBytes | undefined;
  #heldBytes = 0;
  #bytes = 0;
  #lines = 0;
  #lastSequence = 0;
  #acknowledgedUpTo: number;
  readonly #done: DoneBatches;
  /** Chosen to be dropped: none of them is sent any more. */
  #marked = new Set<number>();
  /** Dropped; their files are still there. */
  #leaving: SpooledBatch[] = [];
  #waitersForRoom = 0;
  #isFullTold = false;
  #isUnbounded = false;
  /** Fires when a batch is added. */
  readonly added: Event = createEvent();
  /** Fires when room is made. */
  readonly #room: Event = createEvent();

  constructor({ folder, bytesMax, done = NONE_DONE, files, reporter }: SpoolOptions, onNotice: SpoolNotice) {
    this.#folder = folder;
    this.#done = done;
    this.#acknowledgedUpTo = done.acknowledged;
    this.#lastSequence = Math.max(done.acknowledged, done.dropped.upTo);
    this.#bytesMax = bytesMax;
    this.#files = files;
    this.#reporter = reporter;
    this.#onNotice = onNotice;
  }

  /** Batches not yet answered. */
  get depth(): number {
    return this.#waiting.length;
  }

  /** Entries not yet answered. */
  get lines(): number {
    return this.#lines;
  }

  /** Bytes on disk, those of acknowledged batches too. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of batches not yet answered. */
  get waitingBytes(): number {
    return this.#acknowledged.reduce((rest, { diskBytes }) => rest - diskBytes, this.#bytes);
  }

  /** Whether so many bytes more fit. */
  hasRoom(bytes: number): boolean {
    return this.#isUnbounded || this.#bytes === 0 || this.#bytes + onDisk(bytes) <= this.#bytesMax;
  }

  /** Whether somebody waits for room. */
  get isFull(): boolean {
    return this.#waitersForRoom > 0;
  }

  /** The server has answered all up to this sequence. */
  get acknowledgedUpTo(): number {
    return this.#acknowledgedUpTo;
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.length;
  }

  /** The greatest sequence that any file of the spool has or had. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Whose files are there, in the order of their sequences: the positions behind them are safe. */
  get held(): readonly SpooledBatch[] {
    return [...this.#acknowledged, ...this.#waiting].sort((a, b) => a.header.sequence - b.header.sequence);
  }

  async find(): Promise<void> {
    const names = await this.#files.list(this.#folder);
    const found = batchesIn(names);
    const refused = new Set(found.filter(({ state }) => state === 'rejected').map(({ sequence }) => sequence));
    for (const name of names) if (name.endsWith('.new')) await this.#files.remove(join(this.#folder, name));
    const toRead: number[] = [];
    for (const { sequence, state } of found) {
      this.#lastSequence = Math.max(this.#lastSequence, sequence);
      if (state !== 'batch') continue;
      // It was answered or dropped, and the crash came before its removal.
      if (isDone(sequence, this.#done)) await this.#files.remove(this.#path(sequence));
      else toRead.push(sequence);
    }
    for (let at = 0; at < toRead.length; at += HEADERS_AT_ONCE) {
      const some = toRead.slice(at, at + HEADERS_AT_ONCE);
      const read = await Promise.all(some.map((sequence) => readHeader(this.#path(sequence))));
      for (const [index, sequence] of some.entries()) {
        const file = read[index];
        // It was put aside; only its positions may be missing in the checkpoint.
        if (refused.has(sequence)) await this.#findRefused(sequence, file);
        else if (file?.ok) this.#addFound(file.header, onDisk(file.bytes));
        else await this.#setTornAside(sequence, file?.reason ?? 'it is gone', undefined);
      }
    }
    if (refused.size > 0) {
      this.#report(
        'info',
        'refused-kept',
        `${refused.size} batches that the server refused are kept in ${this.#folder} as *.rejected; their first lines say why`,
      );
    }
  }

  async #findRefused(sequence: number, file: HeaderOfFile | undefined): Promise<void> {
    if (!file?.ok) return this.#files.remove(this.#path(sequence));
    const diskBytes = onDisk(file.bytes);
    this.#acknowledged.push({ header: file.header, diskBytes });
    this.#bytes += diskBytes;
  }

  #addFound(header: BatchHeader, diskBytes: number): void {
    this.#waiting.push({ header, diskBytes });
    this.#bytes += diskBytes;
    this.#lines += header.count;
  }

  /** Resolves when so many bytes more fit, or at once when the signal aborts. */
  async room(bytes: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.hasRoom(bytes)) {
      if (!this.#isFullTold && this.#waiting.length > 0) {
        this.#isFullTold = true;
        this.#report(
          'warning',
          'spool-full',
          `the spool ${this.#folder} is full (${this.#lines} lines, ${this.#bytes} bytes): the sources wait until the server takes some; --spool-size makes it larger`,
        );
      }
      this.#waitersForRoom++;
      await this.#room.wait(signal);
      this.#waitersForRoom--;
    }
  }

  /** For a clean stop: what is in hand goes in, whatever the bound. */
  liftBound(): void {
    this.#isUnbounded = true;
    this.#room.fire();
  }

  /** Safe when it resolves. @throws what the disk says; then nothing is in the spool */
  async append(unsigned: Omit<BatchHeader, 'bodyBytes' | 'bodyCrc'>, pieces: readonly Uint8Array[]): Promise<void> {
    const { header, file, body } = encodeBatchFile(unsigned, pieces);
    await this.#files.replace(this.#path(header.sequence), file);
    this.#lastSequence = Math.max(this.#lastSequence, header.sequence);
    this.#addFound(header, onDisk(file.length));
    if (this.#heldBytes + file.length <= BODIES_HELD_BYTES_MAX) {
      this.#held.set(header.sequence, { file, body });
      this.#heldBytes += file.length;
    } else giveBack(file);
    this.added.fire();
  }

  /** The batch to send next; undefined: none waits. */
  oldest(): SpooledBatch | undefined {
    const oldest = this.#waiting[0];
    return oldest && this.#marked.has(oldest.header.sequence) ? undefined : oldest;
  }

  /**
   * The oldest batches to drop so that so many bytes fit; never the very oldest, which may be at the server already. Until
   * `drop` or `unmark` none of them is sent.
   */
  markOldest(bytes: number): { readonly kept: number; readonly marked: readonly SpooledBatch[] } {
    const [oldest, ...others] = this.#waiting;
    const marked: SpooledBatch[] = [];
    let left = this.#bytes;
    for (const batch of others) {
      if (left === 0 || left + onDisk(bytes) <= this.#bytesMax) break;
      marked.push(batch);
      left -= batch.diskBytes;
    }
    this.#marked = new Set(marked.map(({ header }) => header.sequence));
    return { kept: oldest?.header.sequence ?? 0, marked };
  }

  unmark(): void {
    this.#marked.clear();
    this.added.fire();
  }

  /** What was marked leaves the queue; its files go by `sweep`. */
  drop(): void {
    for (const sequence of this.#marked) {
      const batch = this.#takeOut(sequence);
      if (batch) this.#leaving.push(batch);
    }
    this.unmark();
  }

  /** Removes the files of what was dropped. @throws what the disk says; the rest is left for the next time */
  async sweep(): Promise<void> {
    for (let batch = this.#leaving[0]; batch; batch = this.#leaving[0]) {
      await this.#files.remove(this.#path(batch.header.sequence));
      this.#leaving.shift();
      this.#bytes -= batch.diskBytes;
    }
    this.#room.fire();
  }

  /** Where its file is. */
  pathOf({ header }: SpooledBatch): string {
    return this.#path(header.sequence);
  }

  /** Undefined when the file is damaged: it has been set aside and told, and another one is the oldest now. */
  async body({ header }: SpooledBatch): Promise<Buffer | undefined> {
    const held = this.#held.get(header.sequence);
    if (held) return held.body;
    const file = await this.#files.read(this.#path(header.sequence));
    const read = file ? decodeBatch(file) : { ok: false as const, reason: 'it is gone' };
    if (file && read.ok) {
      this.#readBack = { file, body: read.body };
      return read.body;
    }
    this.#forget(header.sequence);
    await this.#setTornAside(header.sequence, read.ok ? 'it is gone' : read.reason, header.count);
    this.#room.fire();
    return undefined;
  }

  /**
   * The server has it. Its file goes when the checkpoint includes it (`release`).
   * @param isBodyFree nobody looks at the body's bytes any more
   */
  acknowledge({ header }: Pick<SpooledBatch, 'header'>, isBodyFree: boolean): void {
    const bytes = this.#held.get(header.sequence) ?? this.#readBack;
    const batch = this.#takeOut(header.sequence);
    if (batch) this.#acknowledged.push(batch);
    // Batches are sent in order: those before it are answered, set aside or dropped.
    this.#acknowledgedUpTo = Math.max(this.#acknowledgedUpTo, header.sequence);
    if (isBodyFree && bytes) giveBack(bytes.file);
  }

  /** The server will never take it: kept beside the others, with the reason. @returns the path of the kept file */
  async refuse({ header }: SpooledBatch, reason: string, body: Buffer): Promise<string> {
    const kept = join(this.#folder, batchName(header.sequence, 'rejected'));
    await this.#files.replace(kept, encodeBatchFile({ ...header, refused: reason }, [body]).file);
    // Its own file stays for its positions, as that of an answered one does; a start sees both and does not send it.
    this.acknowledge({ header }, false);
    await this.#boundRefused();
    return kept;
  }

  /** Removes acknowledged batches that a checkpoint includes. */
  async release(sequence: number): Promise<void> {
    const done = this.#acknowledged.filter(({ header }) => header.sequence <= sequence);
    this.#acknowledged = this.#acknowledged.filter(({ header }) => header.sequence > sequence);
    for (const { header, diskBytes } of done) {
      await this.#files.remove(this.#path(header.sequence));
      this.#bytes -= diskBytes;
    }
    if (done.length === 0) return;
    if (this.#bytes < this.#bytesMax / 2) this.#isFullTold = false;
    this.#room.fire();
  }

  async #boundRefused(): Promise<void> {
    const kept = batchesIn(await this.#files.list(this.#folder)).filter(({ state }) => state === 'rejected');
    for (const { sequence } of kept.slice(0, Math.max(0, kept.length - REFUSED_KEPT_MAX))) {
      await this.#files.remove(join(this.#folder, batchName(sequence, 'rejected')));
      this.#report(
        'warning',
        'refused-removed',
        `more than ${REFUSED_KEPT_MAX} refused batches are kept: the oldest, ${sequence}, was removed`,
      );
    }
  }

  async #setTornAside(sequence: number, reason: string, count: number | undefined): Promise<void> {
    const aside = join(this.#folder, batchName(sequence, 'torn'));
    try {
      await this.#files.move(this.#path(sequence), aside);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    const what = count === undefined ? 'its lines' : `its ${count} lines`;
    const message = `batch ${sequence} in the spool is damaged (${reason}): ${what} may be missing; it was set aside as ${aside}`;
    this.#report('warning', 'batch-torn', message);
    this.#onNotice(message, count);
  }

  /** Out of the books, its file is gone from its place. */
  #forget(sequence: number): void {
    const batch = this.#takeOut(sequence);
    if (batch) this.#bytes -= batch.diskBytes;
  }

  #takeOut(sequence: number): SpooledBatch | undefined {
    const index = this.#waiting.findIndex(({ header }) => header.sequence === sequence);
    const batch = this.#waiting[index];
    if (!batch) return undefined;
    if (index === 0) this.#waiting.shift();
    else this.#waiting.splice(index, 1);
    this.#lines -= batch.header.count;
    const held = this.#held.get(sequence);
    if (held && this.#held.delete(sequence)) this.#heldBytes -= held.file.length;
    this.#readBack = undefined;
    return batch;
  }

  #path(sequence: number): string {
    return join(this.#folder, batchName(sequence, 'batch'));
  }

  #report(severity: Report['severity'], event: string, message: string): void {
    this.#reporter({ severity, event, message });
  }
}
