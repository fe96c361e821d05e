/**
 * An entry of a block that is decoded only as far as it is asked: most queries look at the message alone, and most
 * entries are looked at once.
 */
import { decodeTail } from '../../entry/codec.ts';
import type { Entry, Fields } from '../../entry/entry.ts';
import { LEVELS, type Level } from '../../entry/level.ts';
import { type Head, readClient, readId } from './head.ts';

/** Stands for one entry after the other: it is good until the next `show`. */
export class LazyEntry implements Entry {
  #bytes: Buffer = Buffer.alloc(0);
  #head: Head | undefined;
  #end = 0;
  #id: string | undefined;
  #tail: Pick<Entry, 'message' | 'source' | 'fields'> | undefined;

  /** @param end where the entry whose head that is ends */
  show(bytes: Buffer, head: Head, end: number): void {
    this.#bytes = bytes;
    this.#head = head;
    this.#end = end;
    this.#id = undefined;
    this.#tail = undefined;
  }

  get id(): string {
    this.#id ??= readId(this.#bytes, this.#shown.idAt);
    return this.#id;
  }

  get timeMs(): number {
    return this.#shown.timeMs;
  }

  get level(): Level {
    return LEVELS[this.#shown.level] ?? 'UNKNOWN';
  }

  get clientId(): string {
    return readClient(this.#bytes, this.#shown);
  }

  get message(): string {
    return this.#decoded.message;
  }

  get source(): string | undefined {
    return this.#decoded.source;
  }

  get fields(): Fields | undefined {
    return this.#decoded.fields;
  }

  get #shown(): Head {
    if (this.#head === undefined) throw new Error('BUG: no entry is shown');
    return this.#head;
  }

  get #decoded(): Pick<Entry, 'message' | 'source' | 'fields'> {
    this.#tail ??= decodeTail(this.#bytes.toString('utf8', this.#shown.tailAt, this.#end));
    return this.#tail;
  }
}
