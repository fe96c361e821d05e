/**
 * Records → batches as they are posted, cut by what they hold alone: the same file makes the same batches at every run.
 */
import type { ImportRecord } from '../../decode/import/record.ts';
import type { Draft } from '../../entry/entry.ts';
import type { StateChange } from '../../entry/state.ts';
import { formatLogTime } from '../../entry/time.ts';

/**
 * Text of a batch in UTF-16 units, and its entries. Beyond: the next one begins. A part of what makes a second run find
 * the batches of the first: with other values FORM rises.
 */
const BATCH_LENGTH_MAX = 1024 * 1024;
const BATCH_ENTRIES_MAX = 10_000;
/** The form of the batches. A file that was imported in one form is stored again in another. */
export const BATCH_FORM = 1;

/** Texts are made bytes in pieces of this length: long-lived texts cost the garbage collector dearly. */
const PIECE_LENGTH = 64 * 1024;

/** An entry whose state is to be set once it is stored. */
export interface WantedState {
  /** In lower case. */
  readonly oldId: string;
  /** Undefined: the time of its receipt, which is not known here. */
  readonly timeMs: number | undefined;
  readonly change: StateChange;
}

export interface ImportBatch {
  /** From 1. */
  readonly sequence: number;
  /** NDJSON as POST /logs takes it. */
  readonly body: Buffer;
  /** Of each entry, the line in its file, from 1. */
  readonly lines: readonly number[];
  readonly states: readonly WantedState[];
}

export class BatchBuilder {
  readonly #onBatch: (batch: ImportBatch) => void;
  #sequence = 0;
  #text = '';
  #length = 0;
  #pieces: Buffer[] = [];
  #lines: number[] = [];
  #states: WantedState[] = [];

  constructor(onBatch: (batch: ImportBatch) => void) {
    this.#onBatch = onBatch;
  }

  add({ line, draft, oldId }: ImportRecord, change: StateChange | undefined): void {
    const text = draftLine(draft);
    if (this.#lines.length > 0 && this.#length + text.length > BATCH_LENGTH_MAX) this.flush();
    this.#length += text.length;
    this.#text += text;
    if (this.#text.length >= PIECE_LENGTH) this.#closePiece();
    this.#lines.push(line);
    if (change && oldId !== undefined) this.#states.push({ oldId, timeMs: draft.timeMs, change });
    if (this.#lines.length >= BATCH_ENTRIES_MAX) this.flush();
  }

  /** Gives what there is as a batch. */
  flush(): void {
    if (this.#lines.length === 0) return;
    this.#closePiece();
    const batch = {
      sequence: ++this.#sequence,
      body: Buffer.concat(this.#pieces),
      lines: this.#lines,
      states: this.#states,
    };
    this.#pieces = [];
    this.#lines = [];
    this.#states = [];
    this.#length = 0;
    this.#onBatch(batch);
  }

  #closePiece(): void {
    if (this.#text === '') return;
    this.#pieces.push(Buffer.from(this.#text));
    this.#text = '';
  }
}

/** A draft as POST /logs takes it, with its line break. */
function draftLine({ level, clientId, message, timeMs, source, fields }: Draft): string {
  const time = timeMs === undefined ? '' : `"timestamp":"${isoTime(timeMs)}",`;
  const from = source === undefined ? '' : `,"source":${JSON.stringify(source)}`;
  const rest = fields === undefined ? '' : `,"fields":${JSON.stringify(fields)}`;
  return `{${time}"level":"${level}","client_id":${JSON.stringify(clientId)},"message":${JSON.stringify(message)}${from}${rest}}\n`;
}

function isoTime(timeMs: number): string {
  const text = formatLogTime(timeMs);
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text.slice(20)}Z`;
}
