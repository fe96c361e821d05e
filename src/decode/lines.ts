/**
 * Bytes → lines of text. Fed with pieces cut anywhere; holds at most one line, and of that no more than its bound.
 *
 * A line ends at LF; one CR before it is not part of it. Empty lines are dropped and counted. NULs at the beginning of a
 * line are the hole that a writer leaves who goes on at its old offset after a truncation: they are skipped. What is not
 * UTF-8 becomes U+FFFD. A line beyond the bound is cut and marked, and the rest of it is skipped up to its LF.
 */
import { isUtf8 } from 'node:buffer';
import { CUT_MARK } from '../entry/limits.ts';

export type TextEncoding = 'utf8' | 'utf16le';

export interface LineCounts {
  /** Lines beyond the bound. */
  readonly cutLines: number;
  /** Bytes of them that were left out. */
  readonly cutBytes: number;
  readonly emptyLines: number;
  /** Lines with bytes that are no text in the encoding. */
  readonly invalidLines: number;
}

/** A line from `from` to before `end`, without its break. */
export type TakesBytes = (bytes: Buffer, from: number, end: number) => boolean;

export interface LineDecoder {
  /**
   * Gives every line that these bytes finish. The bytes are not kept.
   * @param takesBytes asked first of each line that is UTF-8 and not too long: true when it has taken the line as bytes
   */
  feed(bytes: Buffer, onLine: (line: string) => void, takesBytes?: TakesBytes): void;
  /** There is no more: an unfinished line is given as it is. */
  end(onLine: (line: string) => void): void;
  /** Bytes fed that belong to no finished line yet. */
  readonly pendingBytes: number;
  /** Since the beginning. */
  readonly counts: LineCounts;
  /** An entry is held that is whole as far as is known: `settle` gives it. */
  readonly holdsEntry: boolean;
  /** Nothing more is expected for now: what is held is given. */
  settle(onLine: (line: string) => void): void;
}

const LF = 0x0a;
const CR = 0x0d;
const BOMS = { utf8: Buffer.from([0xef, 0xbb, 0xbf]), utf16le: Buffer.from([0xff, 0xfe]) } as const;
const REPLACEMENT = '\ufffd';
/** What may be held beside a line of full length: a byte order mark, or half of a line break. */
const BOUND_SLACK_BYTES = 4;

/** The encoding that a text says by its first bytes; undefined: too few bytes to tell. */
export function detectEncoding(head: Uint8Array): TextEncoding | undefined {
  if (head[0] === 0xff && head.length < 2) return undefined;
  return head[0] === 0xff && head[1] === 0xfe ? 'utf16le' : 'utf8';
}

export interface LineDecoderOptions {
  readonly encoding: TextEncoding;
  readonly lineBytesMax: number;
  /** The first byte fed is the first of the text, where a byte order mark may stand. */
  readonly atStart: boolean;
}

export function createLineDecoder(options: LineDecoderOptions): LineDecoder {
  return new Decoder(options);
}

class Decoder implements LineDecoder {
  readonly #encoding: TextEncoding;
  readonly #unitBytes: number;
  readonly #lineBytesMax: number;
  #mayHaveBom: boolean;
  /** Copies of the unfinished line's first bytes, up to the bound. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes of the unfinished line that are not held: beyond the bound. */
  #skippedBytes = 0;
  pendingBytes = 0;
  #lastPending: number | undefined;
  readonly counts = { cutLines: 0, cutBytes: 0, emptyLines: 0, invalidLines: 0 };

  constructor({ encoding, lineBytesMax, atStart }: LineDecoderOptions) {
    this.#encoding = encoding;
    this.#unitBytes = encoding === 'utf16le' ? 2 : 1;
    this.#lineBytesMax = lineBytesMax;
    this.#mayHaveBom = atStart;
  }

  feed(bytes: Buffer, onLine: (line: string) => void, takesBytes?: TakesBytes): void {
    let from = 0;
    if (this.pendingBytes > 0) {
      const first = this.#firstBreak(bytes);
      if (first === -1) {
        this.#hold(bytes);
        return;
      }
      this.#hold(bytes.subarray(0, first));
      this.#finishHeld(onLine);
      from = first + 1;
    }
    const last = this.#lastBreak(bytes, from);
    if (last !== -1) {
      const lines = bytes.subarray(from, last + 1 - this.#unitBytes);
      if (takesBytes && this.#encoding === 'utf8' && isUtf8(lines)) this.#giveBytes(lines, onLine, takesBytes);
      else this.#giveLines(lines, onLine);
      from = last + 1;
    }
    if (from < bytes.length) this.#hold(bytes.subarray(from));
  }

  end(onLine: (line: string) => void): void {
    if (this.pendingBytes > 0) this.#finishHeld(onLine);
  }

  /** Lines of one line are given at once. */
  readonly holdsEntry = false;
  settle(): void {}

  /** Index of the last byte of the first line break; only called while a line is unfinished. */
  #firstBreak(bytes: Buffer): number {
    if (this.#unitBytes === 1) return bytes.indexOf(LF);
    // The break itself may be cut in two.
    if (bytes[0] === 0 && this.pendingBytes % 2 === 1 && this.#lastPending === LF) return 0;
    for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) {
      if ((this.pendingBytes + at) % 2 === 0 && bytes[at + 1] === 0) return at + 1;
    }
    return -1;
  }

  /** Index of the last byte of the last line break at or behind `from`, where a line begins. */
  #lastBreak(bytes: Buffer, from: number): number {
    if (this.#unitBytes === 1) {
      const at = bytes.lastIndexOf(LF);
      return at >= from ? at : -1;
    }
    for (let at = bytes.lastIndexOf(LF); at >= from; at = at === 0 ? -1 : bytes.lastIndexOf(LF, at - 1)) {
      if ((at - from) % 2 === 0 && bytes[at + 1] === 0) return at + 1;
    }
    return -1;
  }

  #hold(part: Buffer): void {
    this.pendingBytes += part.length;
    this.#lastPending = part.at(-1) ?? this.#lastPending;
    let useful = part;
    if (this.#heldBytes === 0 && this.#encoding === 'utf8' && part[0] === 0) {
      let nuls = 0;
      while (nuls < part.length && part[nuls] === 0) nuls++;
      useful = part.subarray(nuls);
    }
    const room = this.#lineBytesMax + BOUND_SLACK_BYTES - this.#heldBytes;
    if (useful.length > room) this.#skippedBytes += useful.length - room;
    const kept = useful.subarray(0, Math.max(0, room));
    if (kept.length > 0) this.#held.push(Buffer.from(kept));
    this.#heldBytes += kept.length;
  }

  #finishHeld(onLine: (line: string) => void): void {
    let bytes = this.#held.length === 1 && this.#held[0] ? this.#held[0] : Buffer.concat(this.#held);
    if (this.#unitBytes === 2) bytes = bytes.subarray(0, bytes.length - (bytes.length % 2));
    if (this.#unitBytes === 2 && bytes.length >= 2 && bytes.readUInt16LE(bytes.length - 2) === LF) {
      bytes = bytes.subarray(0, -2);
    }
    const skipped = this.#skippedBytes;
    this.#held = [];
    this.#heldBytes = 0;
    this.#skippedBytes = 0;
    this.pendingBytes = 0;
    if (skipped === 0) this.#giveLines(bytes, onLine);
    else {
      const shown = this.#withoutBom(bytes);
      this.#giveCut(shown, shown.length + skipped, onLine);
    }
  }

  #withoutBom(bytes: Buffer): Buffer {
    if (!this.#mayHaveBom) return bytes;
    this.#mayHaveBom = false;
    const mark = BOMS[this.#encoding];
    return mark.equals(bytes.subarray(0, mark.length)) ? bytes.subarray(mark.length) : bytes;
  }

  /** Lines with their breaks between them and none at the end. */
  #giveLines(bytes: Buffer, onLine: (line: string) => void): void {
    const text = this.#withoutBom(bytes).toString(this.#encoding);
    const hasNul = text.includes('\0');
    const mayBeInvalid = this.#isInvalid(text, bytes);
    let from = 0;
    for (;;) {
      const found = text.indexOf('\n', from);
      const end = found === -1 ? text.length : found;
      this.#giveLine(text.slice(from, end), hasNul, mayBeInvalid, onLine);
      if (found === -1) return;
      from = found + 1;
    }
  }

  #giveBytes(bytes: Buffer, onLine: (line: string) => void, takesBytes: TakesBytes): void {
    const lines = this.#withoutBom(bytes);
    for (let from = 0; ; ) {
      const found = lines.indexOf(LF, from);
      const lineEnd = found === -1 ? lines.length : found;
      const end = lineEnd > from && lines[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
      const isTaken = end > from && end - from <= this.#lineBytesMax && takesBytes(lines, from, end);
      if (!isTaken) this.#giveLine(lines.toString('utf8', from, lineEnd), true, false, onLine);
      if (found === -1) return;
      from = found + 1;
    }
  }

  #giveLine(raw: string, hasNul: boolean, mayBeInvalid: boolean, onLine: (line: string) => void): void {
    let line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (hasNul && line.startsWith('\0')) line = line.replace(/^\0+/, '');
    if (line === '') {
      this.counts.emptyLines++;
      return;
    }
    if (mayBeInvalid && !line.isWellFormed()) {
      line = line.toWellFormed();
      this.counts.invalidLines++;
    } else if (mayBeInvalid && line.includes(REPLACEMENT)) this.counts.invalidLines++;
    // At most three bytes of UTF-8 for each unit.
    if (line.length * 3 > this.#lineBytesMax) {
      const bytes = Buffer.from(line, this.#encoding);
      if (bytes.length > this.#lineBytesMax) {
        this.#giveCut(bytes, bytes.length, onLine);
        return;
      }
    }
    onLine(line);
  }

  #giveCut(bytes: Buffer, lineBytes: number, onLine: (line: string) => void): void {
    let end = Math.min(bytes.length, this.#lineBytesMax - CUT_MARK.length * this.#unitBytes);
    if (this.#encoding === 'utf8') while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
    else end -= end % 2;
    this.counts.cutLines++;
    this.counts.cutBytes += lineBytes - end;
    onLine(bytes.toString(this.#encoding, 0, end).toWellFormed() + CUT_MARK);
  }

  #isInvalid(text: string, bytes: Buffer): boolean {
    return this.#encoding === 'utf8' ? text.includes(REPLACEMENT) && !isUtf8(bytes) : !text.isWellFormed();
  }
}
