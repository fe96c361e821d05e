/**
 * Batches on disk between the sources and the server, oldest first, bounded in bytes. A batch that is in the spool is
 * safe: written new, synced, moved into place, its folder synced. What the disk damaged is set aside and told.
 */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createEvent, type Event } from '../system/event.ts';
import { type Files, hasCode } from '../system/files.ts';
import type { Report, Reporter } from '../system/reporter.ts';
import { type BatchHeader, decodeBatchBody, decodeBatchHeader, encodeBatchFile } from './batch-file.ts';
import { BODIES_HELD_BYTES_MAX, DISK_BLOCK_BYTES, REFUSED_KEPT_MAX } from './limits.ts';
import { batchName, parseBatchName } from './state-files.ts';

export interface SpooledBatch {
  readonly header: BatchHeader;
  /** Room on disk. */
  readonly diskBytes: number;
}

export interface SpoolOptions {
  readonly folder: string;
  /** Room on disk for waiting batches; a single batch is always taken. */
  readonly bytesMax: number;
  readonly files: Files;
  readonly reporter: Reporter;
}

/** What is said of a batch that is lost, in a visible entry; `lines`: how many, where that is known. */
export type SpoolNotice = (message: string, lines?: number) => void;

const HEADER_READ_BYTES = 64 * 1024;

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
  readonly #bodies = new Map<number, Buffer>();
  #bodiesBytes = 0;
  #bytes = 0;
  #lines = 0;
  #lastSequence = 0;
  #isFullTold = false;
  #isUnbounded = false;
  /** Fires when a batch is added. */
  readonly added: Event = createEvent();
  /** Fires when room is made. */
  readonly #room: Event = createEvent();

  constructor({ folder, bytesMax, files, reporter }: SpoolOptions, onNotice: SpoolNotice) {
    this.#folder = folder;
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

  get isFull(): boolean {
    return !this.#isUnbounded && this.#bytes >= this.#bytesMax;
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.length;
  }

  /** The greatest sequence that any file of the spool has or had. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  get waiting(): readonly SpooledBatch[] {
    return this.#waiting;
  }

  async find(): Promise<void> {
    const names = await this.#files.list(this.#folder);
    const found = names.flatMap((name) => parseBatchName(name) ?? []).sort((a, b) => a.sequence - b.sequence);
    const refused = new Set(found.filter(({ state }) => state === 'rejected').map(({ sequence }) => sequence));
    for (const name of names) if (name.endsWith('.new')) await this.#files.remove(join(this.#folder, name));
    for (const { sequence, state } of found) {
      this.#lastSequence = Math.max(this.#lastSequence, sequence);
      if (state !== 'batch') continue;
      // It was put aside and the crash came before its removal.
      if (refused.has(sequence)) await this.#files.remove(this.#path(sequence));
      else await this.#findBatch(sequence);
    }
    if (refused.size > 0) {
      this.#report(
        'info',
        'refused-kept',
        `${refused.size} batches that the server refused are kept in ${this.#folder} as *.rejected; their first lines say why`,
      );
    }
  }

  async #findBatch(sequence: number): Promise<void> {
    const path = this.#path(sequence);
    const read = await readHeader(path);
    if (!read.ok) {
      await this.#setTornAside(sequence, 'reason' in read ? read.reason : 'it is too short', undefined);
      return;
    }
    const diskBytes = onDisk((await stat(path)).size);
    this.#waiting.push({ header: read.header, diskBytes });
    this.#bytes += diskBytes;
    this.#lines += read.header.count;
  }

  /** Resolves when there is room for one more batch, or at once when the signal aborts. */
  async room(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.isFull) {
      if (!this.#isFullTold && this.#waiting.length > 0) {
        this.#isFullTold = true;
        this.#report(
          'warning',
          'spool-full',
          `the spool ${this.#folder} is full (${this.#lines} lines, ${this.#bytes} bytes): the sources wait until the server takes some; --spool-size makes it larger`,
        );
      }
      await this.#room.wait(signal);
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
    const diskBytes = onDisk(file.length);
    this.#lastSequence = Math.max(this.#lastSequence, header.sequence);
    this.#waiting.push({ header, diskBytes });
    this.#bytes += diskBytes;
    this.#lines += header.count;
    if (this.#bodiesBytes + body.length <= BODIES_HELD_BYTES_MAX) {
      this.#bodies.set(header.sequence, body);
      this.#bodiesBytes += body.length;
    }
    this.added.fire();
  }

  /** The batch to send next; undefined: none waits. */
  oldest(): SpooledBatch | undefined {
    return this.#waiting[0];
  }

  /** Where its file is. */
  pathOf({ header }: SpooledBatch): string {
    return this.#path(header.sequence);
  }

  /** Undefined when the file is damaged: it has been set aside and told, and another one is the oldest now. */
  async body({ header }: SpooledBatch): Promise<Buffer | undefined> {
    const held = this.#bodies.get(header.sequence);
    if (held) return held;
    const file = await this.#files.read(this.#path(header.sequence));
    const read = file ? decodeBatchHeader(file) : undefined;
    const body =
      file && read?.ok
        ? decodeBatchBody(file, read.header, read.bodyAt)
        : file
          ? 'its header is damaged'
          : 'it is gone';
    if (typeof body !== 'string') return body;
    this.#forget(header.sequence);
    await this.#setTornAside(header.sequence, body, header.count);
    this.#room.fire();
    return undefined;
  }

  /** The server has it. Its file goes when the checkpoint includes it (`release`). */
  acknowledge({ header }: SpooledBatch): void {
    const batch = this.#takeOut(header.sequence);
    if (batch) this.#acknowledged.push(batch);
  }

  /** The server will never take it: kept beside the others, with the reason. @returns the path of the kept file */
  async refuse({ header }: SpooledBatch, reason: string, body: Buffer): Promise<string> {
    const kept = join(this.#folder, batchName(header.sequence, 'rejected'));
    // The kept file first: a crash between the two leaves both, and the start removes the other.
    await this.#files.replace(kept, encodeBatchFile({ ...header, refused: reason }, [body]).file);
    await this.#files.remove(this.#path(header.sequence));
    this.#forget(header.sequence);
    this.#room.fire();
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
    const kept = (await this.#files.list(this.#folder))
      .flatMap((name) => parseBatchName(name) ?? [])
      .filter(({ state }) => state === 'rejected')
      .sort((a, b) => a.sequence - b.sequence);
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
    const body = this.#bodies.get(sequence);
    if (body && this.#bodies.delete(sequence)) this.#bodiesBytes -= body.length;
    return batch;
  }

  #path(sequence: number): string {
    return join(this.#folder, batchName(sequence, 'batch'));
  }

  #report(severity: Report['severity'], event: string, message: string): void {
    this.#reporter({ severity, event, message });
  }
}

function onDisk(bytes: number): number {
  return Math.ceil(bytes / DISK_BLOCK_BYTES) * DISK_BLOCK_BYTES;
}

async function readHeader(path: string) {
  const handle = await open(path, 'r');
  try {
    let wanted = HEADER_READ_BYTES;
    for (;;) {
      const buffer = Buffer.alloc(wanted);
      const { bytesRead } = await handle.read(buffer, 0, wanted, 0);
      const read = decodeBatchHeader(buffer.subarray(0, bytesRead));
      if (read.ok || 'reason' in read || bytesRead < wanted) return read;
      wanted = read.needBytes;
    }
  } finally {
    await handle.close();
  }
}
