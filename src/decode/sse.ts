/**
 * Server-Sent Events (WHATWG HTML §9.2.6) out of bytes as they arrive. Fed, bounded, without a socket inside.
 */

export type SseItem =
  | {
      readonly kind: 'event';
      /** `message` when the event names none. */
      readonly type: string;
      readonly data: string;
      /** The last id seen on the stream so far; empty before the first. */
      readonly lastEventId: string;
    }
  /** The server's wish for the wait before a reconnect. */
  | { readonly kind: 'retry'; readonly retryMs: number }
  /** An event longer than the bound; it was passed over. `lastEventId` is the one before it. */
  | { readonly kind: 'oversized'; readonly lastEventId: string };

export interface SseParserOptions {
  /** Of one event, in UTF-16 units. */
  readonly eventLengthMax: number;
}

export class SseParser {
  readonly #eventLengthMax: number;
  readonly #decoder = new TextDecoder();
  /** The part of a line that has arrived; its pieces are joined when the line ends. */
  #line: string[] = [];
  /** Of the line and the data lines before it. */
  #length = 0;
  #data: string[] = [];
  #type = '';
  #id: string | undefined;
  #lastEventId = '';
  #isOversized = false;
  /** The last chunk ended in CR: an LF that begins the next one belongs to it. */
  #afterCr = false;

  constructor({ eventLengthMax }: SseParserOptions) {
    this.#eventLengthMax = eventLengthMax;
  }

  /** Takes the next bytes, gives what they complete. */
  feed(bytes: Uint8Array): SseItem[] {
    const items: SseItem[] = [];
    const text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return items;
    let from = this.#afterCr && text[0] === '\n' ? 1 : 0;
    this.#afterCr = false;
    let cr = text.indexOf('\r', from);
    let lf = text.indexOf('\n', from);
    while (cr !== -1 || lf !== -1) {
      const end = lf === -1 || (cr !== -1 && cr < lf) ? cr : lf;
      this.#addToLine(text.slice(from, end));
      const item = this.#endLine();
      if (item) items.push(item);
      from = end + 1;
      if (end === cr) {
        if (from === text.length) this.#afterCr = true;
        if (lf === from) from++;
        cr = text.indexOf('\r', from);
      }
      if (lf !== -1 && lf < from) lf = text.indexOf('\n', from);
    }
    this.#addToLine(text.slice(from));
    return items;
  }

  #addToLine(piece: string): void {
    if (piece === '') return;
    this.#length += piece.length;
    if (this.#length > this.#eventLengthMax) {
      this.#isOversized = true;
      this.#data = [];
      // Of a line that is passed over only one thing counts: that it is not empty.
      this.#line = [':'];
      return;
    }
    this.#line.push(piece);
  }

  #endLine(): SseItem | undefined {
    const line = this.#line.length === 1 ? (this.#line[0] ?? '') : this.#line.join('');
    this.#line = [];
    if (line === '') return this.#endEvent();
    if (this.#isOversized) return undefined;
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    switch (name) {
      case 'data':
        this.#data.push(value);
        return undefined;
      case 'event':
        this.#type = value;
        break;
      case 'id':
        if (!value.includes('\u0000')) this.#id = value;
        break;
      case 'retry':
        this.#length -= line.length;
        return /^\d{1,15}$/.test(value) ? { kind: 'retry', retryMs: Number(value) } : undefined;
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
    return { kind: 'event', type, data: data.join('\n'), lastEventId: this.#lastEventId };
  }
}
