/**
 * Server-Sent Events (WHATWG HTML §9.2.6) out of bytes as they arrive. Fed, bounded, without a socket inside.
 */

export type SseItem =
  | {
      readonly kind: 'event';
      /** `message` when the event names none. */
      readonly type: string;
      /** UTF-8. */
      readonly data: Buffer;
      /** The last id seen on the stream so far; empty before the first. */
      readonly lastEventId: string;
    }
  /** The server's wish for the wait before a reconnect. */
  | { readonly kind: 'retry'; readonly retryMs: number }
  /** An event longer than the bound; it was passed over. `lastEventId` is the one before it. */
  | { readonly kind: 'oversized'; readonly lastEventId: string };

export interface SseParserOptions {
  /** Of one event, in bytes. */
  readonly eventLengthMax: number;
}

const [LF, CR] = [0x0a, 0x0d];
const [COLON, SPACE] = [0x3a, 0x20];
const BYTE_ORDER_MARK = Buffer.from('\ufeff');
/** The names that mean something, with the length of the longest. */
const NAME_LENGTH_MAX = 'event'.length;
const EMPTY = Buffer.alloc(0);
const LINE_FEED = Buffer.from('\n');

/** Lines are told apart as bytes, which is the same in UTF-8; data stays so, for those who need not read all of it. */
export class SseParser {
  readonly #eventLengthMax: number;
  /** The part of a line that has arrived; its pieces are joined when the line ends. */
  #line: Buffer[] = [];
  /** Of the line and the data lines before it. */
  #length = 0;
  #data: Buffer[] = [];
  #type = '';
  #id: string | undefined;
  #lastEventId = '';
  #isOversized = false;
  /** The last chunk ended in CR: an LF that begins the next one belongs to it. */
  #afterCr = false;
  #isFirstLine = true;

  constructor({ eventLengthMax }: SseParserOptions) {
    this.#eventLengthMax = eventLengthMax;
  }

  /** Takes the next bytes, which must not change any more; gives what they complete. */
  feed(chunk: Uint8Array): SseItem[] {
    const items: SseItem[] = [];
    if (chunk.length === 0) return items;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let from = this.#afterCr && bytes[0] === LF ? 1 : 0;
    this.#afterCr = false;
    let cr = bytes.indexOf(CR, from);
    let lf = bytes.indexOf(LF, from);
    while (cr !== -1 || lf !== -1) {
      const end = lf === -1 || (cr !== -1 && cr < lf) ? cr : lf;
      this.#addToLine(bytes.subarray(from, end));
      const item = this.#endLine();
      if (item) items.push(item);
      from = end + 1;
      if (end === cr) {
        if (from === bytes.length) this.#afterCr = true;
        if (lf === from) from++;
        cr = bytes.indexOf(CR, from);
      }
      if (lf !== -1 && lf < from) lf = bytes.indexOf(LF, from);
    }
    this.#addToLine(bytes.subarray(from));
    return items;
  }

  #addToLine(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#length += piece.length;
    if (this.#length > this.#eventLengthMax) {
      this.#isOversized = true;
      this.#data = [];
      // Of a line that is passed over only one thing counts: that it is not empty.
      this.#line = [piece.subarray(0, 1)];
      return;
    }
    this.#line.push(piece);
  }

  #endLine(): SseItem | undefined {
    const line = withoutMark(joined(this.#line), this.#isFirstLine);
    this.#isFirstLine = false;
    this.#line = [];
    if (line.length === 0) return this.#endEvent();
    if (this.#isOversized) return undefined;
    const colon = line.subarray(0, NAME_LENGTH_MAX + 1).indexOf(COLON);
    const name = (colon === -1 ? line : line.subarray(0, colon)).toString('latin1', 0, NAME_LENGTH_MAX + 1);
    const value = colon === -1 ? EMPTY : line.subarray(line[colon + 1] === SPACE ? colon + 2 : colon + 1);
    switch (name) {
      case 'data':
        this.#data.push(value);
        return undefined;
      case 'event':
        this.#type = value.toString();
        break;
      case 'id':
        if (!value.includes(0)) this.#id = value.toString();
        break;
      case 'retry': {
        this.#length -= line.length;
        const text = value.toString();
        return /^\d{1,15}$/.test(text) ? { kind: 'retry', retryMs: Number(text) } : undefined;
      }
      default:
        // Comments and names of other standards.
        break;
    }
    this.#length -= line.length;
    return undefined;
  }

  #endEvent(): SseItem | undefined {
    const data = this.#data;
    const type = this.#type || 'message';
    const wasOversized = this.#isOversized;
    if (this.#id !== undefined && !wasOversized) this.#lastEventId = this.#id;
    this.#data = [];
    this.#length = 0;
    this.#type = '';
    this.#id = undefined;
    this.#isOversized = false;
    if (wasOversized) return { kind: 'oversized', lastEventId: this.#lastEventId };
    if (data.length === 0) return undefined;
    const lines = data.flatMap((line, index) => (index === 0 ? [line] : [LINE_FEED, line]));
    return { kind: 'event', type, data: joined(lines), lastEventId: this.#lastEventId };
  }
}

function joined(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 ? (pieces[0] ?? EMPTY) : Buffer.concat(pieces);
}

/** A byte order mark at the beginning of a stream is none of it. */
function withoutMark(line: Buffer, isFirst: boolean): Buffer {
  const isMarked = isFirst && line.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  return isMarked ? line.subarray(BYTE_ORDER_MARK.length) : line;
}
