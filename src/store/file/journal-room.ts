/**
 * Room ahead of what is written to the commit journal, made beside the writing and before there is none left.
 */
import { JOURNAL_ROOM_MAX, JOURNAL_ROOM_MIN } from './limits.ts';
import type { Tail } from './tail.ts';

export class JournalRoom {
  readonly #bytesMax: number;
  /** What was made last, and the size of the journal up to which it goes. */
  #bytes = 0;
  #end = 0;

  /** @param journalBytesMax what the journal may grow by */
  constructor(journalBytesMax: number) {
    this.#bytesMax = Math.min(journalBytesMax, JOURNAL_ROOM_MAX);
  }

  /** There is another journal, without room. */
  begin(): void {
    this.#end = 0;
  }

  /** @param grown bytes written to the journal since it was begun: where there were many, there will be more */
  keepAhead(journal: Tail, grown: number): void {
    if (this.#end - journal.size > this.#bytes / 2) return;
    this.#bytes = Math.min(Math.max(this.#bytes, grown, JOURNAL_ROOM_MIN), this.#bytesMax);
    this.#end = Math.max(this.#end, journal.size) + this.#bytes;
    // Without room it goes on as well, only slower; whether the disk is full, the next group says.
    journal.reserve(this.#bytes).catch(() => {});
  }
}
