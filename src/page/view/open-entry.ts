/**
 * The entry that is open beside the list: loaded with what stood around it, kept up with what is done to any of them.
 */
import { signal } from '@preact/signals';
import { paths } from '../../api/paths.ts';
import type { EntryBody } from '../../api/types.ts';
import type { EntryJson } from '../../entry/entry.ts';
import { type EntryStateJson, inState } from '../../viewer/acts.ts';
import { get } from '../request.ts';
import type { Shelf } from '../triage.ts';

export interface Detail {
  readonly id: string;
  /** Undefined while it loads. */
  readonly entry: EntryJson | undefined;
  /** Undefined until the context has come. */
  readonly before: readonly EntryJson[] | undefined;
  readonly after: readonly EntryJson[] | undefined;
  /** Why it cannot be shown, for a person. */
  readonly fault: string | undefined;
}

const CONTEXT_ENTRIES = 10;

export class OpenEntry implements Shelf {
  readonly detail = signal<Detail | undefined>(undefined);
  /** Rises when its note is to be written. */
  readonly noteAsked = signal(0);
  #stop = new AbortController();

  /** @param known what the list holds of it, to be shown at once */
  async show(id: string, known: EntryJson | undefined): Promise<void> {
    this.#begin();
    const { signal: stop } = this.#stop;
    const nothing = { before: undefined, after: undefined };
    this.detail.value = { id, entry: known, ...nothing, fault: undefined };
    const answer = await get<EntryBody>(paths.entry(id), { parameters: { context: CONTEXT_ENTRIES }, signal: stop });
    if (stop.aborted) return;
    if (!answer.ok) {
      const isGone = answer.status === 404;
      const fault = isGone ? 'This entry is not in the store: it may have been removed by age.' : answer.message;
      this.detail.value = { id, entry: this.detail.value.entry, ...nothing, fault };
      return;
    }
    const { log, before = [], after = [] } = answer.body;
    this.detail.value = { id, entry: log, before, after, fault: undefined };
  }

  close(): void {
    this.#begin();
    this.detail.value = undefined;
  }

  entry(id: string): EntryJson | undefined {
    const detail = this.detail.value;
    if (!detail) return undefined;
    if (detail.entry?.uuid === id) return detail.entry;
    return [...(detail.before ?? []), ...(detail.after ?? [])].find((entry) => entry.uuid === id);
  }

  applyState(state: EntryStateJson): void {
    const detail = this.detail.value;
    if (!detail || !this.entry(state.uuid)) return;
    const change = (entry: EntryJson) => (entry.uuid === state.uuid ? inState(entry, state) : entry);
    this.detail.value = {
      ...detail,
      entry: detail.entry && change(detail.entry),
      before: detail.before?.map(change),
      after: detail.after?.map(change),
    };
  }

  #begin(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.noteAsked.value = 0;
  }
}
