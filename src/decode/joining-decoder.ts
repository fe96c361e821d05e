/**
 * Lines of text → entries of several lines. The entry that is still open is held, as it may go on: it is given when the
 * next one begins, or when it is settled because nothing comes.
 */
import { JoinedLines } from './joined-lines.ts';
import { createLineDecoder, type LineCounts, type LineDecoder, type LineDecoderOptions } from './lines.ts';

/** UTF-16 units of one entry. Beyond: the next line is an entry of its own. */
const JOINED_LENGTH_MAX = 256 * 1024;

const LF = 0x0a;

export interface DecoderOptions extends LineDecoderOptions {
  /** Lines that belong together become one entry. */
  readonly joinsLines: boolean;
}

export function decoderFor({ joinsLines, ...options }: DecoderOptions): LineDecoder {
  const lines = createLineDecoder(options);
  return joinsLines ? new JoiningDecoder(lines) : lines;
}

class JoiningDecoder implements LineDecoder {
  readonly #base: LineDecoder;
  readonly #joined = new JoinedLines();
  #held: string[] = [];
  #heldLength = 0;
  #heldBytes = 0;

  /** @param base gives the lines, whatever their encoding */
  constructor(base: LineDecoder) {
    this.#base = base;
  }

  get pendingBytes(): number {
    return this.#heldBytes + this.#base.pendingBytes;
  }

  get counts(): LineCounts {
    return this.#base.counts;
  }

  get holdsEntry(): boolean {
    return this.#held.length > 0 && this.#base.pendingBytes === 0;
  }

  feed(bytes: Buffer, onEntry: (entry: string) => void): void {
    for (let from = 0; from < bytes.length; ) {
      const found = bytes.indexOf(LF, from);
      // In UTF-16 the second byte of the break is still to come: the piece behind it brings the line.
      const end = found === -1 ? bytes.length : found + 1;
      this.#feedPiece(bytes.subarray(from, end), onEntry);
      from = end;
    }
  }

  end(onEntry: (entry: string) => void): void {
    this.#base.end((line) => this.#take(line, 0, onEntry));
    this.settle(onEntry);
  }

  settle(onEntry: (entry: string) => void): void {
    if (this.#held.length > 0) onEntry(this.#held.join('\n'));
    this.#held = [];
    this.#heldLength = 0;
    this.#heldBytes = 0;
    this.#joined.end();
  }

  /** At most one line ends in the piece. */
  #feedPiece(piece: Buffer, onEntry: (entry: string) => void): void {
    const before = this.#base.pendingBytes;
    let line: string | undefined;
    this.#base.feed(piece, (given) => {
      line = given;
    });
    const lineBytes = before + piece.length - this.#base.pendingBytes;
    if (line !== undefined) this.#take(line, lineBytes, onEntry);
    // An empty line: it belongs to what is held, or to nobody.
    else if (this.#held.length > 0) this.#heldBytes += lineBytes;
  }

  #take(line: string, lineBytes: number, onEntry: (entry: string) => void): void {
    if (this.#heldLength + line.length > JOINED_LENGTH_MAX) this.settle(onEntry);
    if (!this.#joined.joins(line)) {
      this.settle(onEntry);
      // `settle` made it forget the line that begins the next one.
      this.#joined.joins(line);
    }
    this.#held.push(line);
    this.#heldLength += line.length + 1;
    this.#heldBytes += lineBytes;
  }
}
