/**
 * Entries that a change of state brings into the list: restored ones, and ones that the query did not find before. Their
 * states come over the line, they themselves are asked for.
 */
import { paths } from '../../api/paths.ts';
import type { EntryBody } from '../../api/types.ts';
import type { EntryJson } from '../../entry/entry.ts';
import { get } from '../request.ts';

export interface ReturningListener {
  onEntries(entries: readonly EntryJson[]): void;
  /** Too many at once to ask for one by one. */
  onMany(): void;
}

const GATHER_MS = 100;
const ASKED_MAX = 30;

export class Returning {
  readonly #listener: ReturningListener;
  #ids = new Set<string>();
  #timer: number | undefined;

  constructor(listener: ReturningListener) {
    this.#listener = listener;
  }

  add(id: string): void {
    this.#ids.add(id);
    this.#timer ??= window.setTimeout(() => void this.#ask(), GATHER_MS);
  }

  async #ask(): Promise<void> {
    const ids = [...this.#ids];
    this.#ids = new Set();
    this.#timer = undefined;
    if (ids.length > ASKED_MAX) {
      this.#listener.onMany();
      return;
    }
    const answers = await Promise.all(ids.map((id) => get<EntryBody>(paths.entry(id))));
    this.#listener.onEntries(answers.flatMap((answer) => (answer.ok ? [answer.body.log] : [])));
  }
}
