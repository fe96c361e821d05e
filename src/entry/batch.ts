/**
 * A batch: drafts in the text form of app.log, ready for the store to fill in their ids and append.
 * Everything the store needs to index them stands beside the text, so that it never reads the text again.
 */
import { encodeHead, encodeTail, ID_ROOM } from './codec.ts';
import type { Draft } from './entry.ts';
import { ID_LENGTH } from './id.ts';
import { levelIndex } from './level.ts';

export interface Batch {
  readonly count: number;
  /** The entries as app.log will hold them, with ID_LENGTH bytes of room at each `idAt`. The store writes into it. */
  readonly text: Uint8Array;
  /** Byte offset of each entry's first byte, and text.length at the end: count + 1 numbers, rising. */
  readonly starts: ArrayLike<number>;
  /** Byte offset of the room for each entry's id. */
  readonly idAt: ArrayLike<number>;
  /** Event times, ms since the epoch. */
  readonly timesMs: ArrayLike<number>;
  /** Indexes in LEVELS. */
  readonly levels: ArrayLike<number>;
  /** The clients of the batch, each once. */
  readonly clients: readonly string[];
  /** Index in `clients` of each entry's client. */
  readonly clientOf: ArrayLike<number>;
}

const encoder = new TextEncoder();

/** @param nowMs the time of receipt, for drafts without a time of their own */
export function encodeBatch(drafts: readonly Draft[], nowMs: number): Batch {
  const starts: number[] = [];
  const idAt: number[] = [];
  const timesMs: number[] = [];
  const levels: number[] = [];
  const clientOf: number[] = [];
  const clients: string[] = [];
  const clientIndex = new Map<string, number>();
  const heads: string[] = [];
  const tails: string[] = [];
  let unitCount = 0;
  for (const draft of drafts) {
    const timeMs = draft.timeMs ?? nowMs;
    const head = encodeHead(timeMs, draft.level, draft.clientId);
    const tail = encodeTail(draft);
    heads.push(head);
    tails.push(tail);
    unitCount += head.length + ID_LENGTH + tail.length;
    timesMs.push(timeMs);
    levels.push(levelIndex(draft.level));
    let client = clientIndex.get(draft.clientId);
    if (client === undefined) {
      client = clients.push(draft.clientId) - 1;
      clientIndex.set(draft.clientId, client);
    }
    clientOf.push(client);
  }
  // UTF-8 needs at most three bytes for a UTF-16 unit.
  const room = new Uint8Array(unitCount * 3);
  let at = 0;
  for (let index = 0; index < heads.length; index++) {
    starts.push(at);
    at += encoder.encodeInto(heads[index] ?? '', room.subarray(at)).written;
    idAt.push(at);
    at += encoder.encodeInto(ID_ROOM + (tails[index] ?? ''), room.subarray(at)).written;
  }
  starts.push(at);
  return { count: drafts.length, text: room.subarray(0, at), starts, idAt, timesMs, levels, clients, clientOf };
}

/** Writes an id into its room. */
export function writeId(text: Uint8Array, at: number, id: string): void {
  for (let index = 0; index < ID_LENGTH; index++) text[at + index] = id.charCodeAt(index);
}
