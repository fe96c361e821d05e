/**
 * What a person does to entries, and how it is taken back.
 */
import type { EntryJson } from '../entry/entry.ts';

export type Act =
  | { readonly kind: 'pin' | 'ticket' | 'delete'; readonly id: string; readonly value: boolean }
  /** @param author who writes it, as the person calls themselves */
  | { readonly kind: 'note'; readonly id: string; readonly note: string; readonly author?: string | undefined };

/** Acts done together and taken back together. */
export interface ActStep {
  readonly acts: readonly Act[];
  /** What takes them back, in the order to do it. */
  readonly inverse: readonly Act[];
}

/** The state of an entry as the stream and the answers of the API tell it. */
export interface EntryStateJson {
  readonly uuid: string;
  readonly is_pinned: boolean;
  readonly is_ticket: boolean;
  readonly is_deleted: boolean;
  readonly note?: string;
  readonly note_author?: string;
  readonly note_time?: string;
}

const STATE_NAMES = { pin: 'is_pinned', ticket: 'is_ticket', delete: 'is_deleted' } as const;

/** The act that turns a state of an entry round. */
export function toggleAct(entry: EntryJson, kind: 'pin' | 'ticket' | 'delete'): Act {
  return { kind, id: entry.uuid, value: !entry[STATE_NAMES[kind]] };
}

/** The act that brings back what `act` changes in that entry. */
export function inverseAct(act: Act, before: EntryJson): Act {
  return act.kind === 'note'
    ? { kind: 'note', id: act.id, note: before.note ?? '', author: before.note_author }
    : { kind: act.kind, id: act.id, value: before[STATE_NAMES[act.kind]] };
}

/** The entry after an act; when a note was written is for the server to say. */
export function actOn(entry: EntryJson, act: Act): EntryJson {
  if (act.kind !== 'note') return { ...entry, [STATE_NAMES[act.kind]]: act.value };
  const rest = withoutNote(entry);
  if (act.note === '') return rest;
  return { ...rest, note: act.note, ...(act.author === undefined ? {} : { note_author: act.author }) };
}

/** The entry in another state; the same object when the state is the same. */
export function inState(entry: EntryJson, state: EntryStateJson): EntryJson {
  const { is_pinned, is_ticket, is_deleted } = state;
  if (
    entry.is_pinned === is_pinned &&
    entry.is_ticket === is_ticket &&
    entry.is_deleted === is_deleted &&
    entry.note === state.note &&
    entry.note_author === state.note_author &&
    entry.note_time === state.note_time
  ) {
    return entry;
  }
  return { ...withoutNote(entry), is_pinned, is_ticket, is_deleted, ...noteOf(state) };
}

/** What is told of a note, by an entry or a state. */
export function noteOf({ note, note_author, note_time }: EntryStateJson): Partial<EntryStateJson> {
  return {
    ...(note === undefined ? {} : { note }),
    ...(note_author === undefined ? {} : { note_author }),
    ...(note_time === undefined ? {} : { note_time }),
  };
}

function withoutNote(entry: EntryJson): EntryJson {
  const { note: _note, note_author: _author, note_time: _time, ...rest } = entry;
  return rest;
}

/** For the status line: `deleted`, `3 unpinned`. */
export function describeActs(acts: readonly Act[]): string {
  const first = acts[0];
  if (!first) return 'nothing done';
  const word = first.kind === 'note' ? 'noted' : WORDS[first.kind][first.value ? 0 : 1];
  return acts.length === 1 ? word : `${acts.length} ${word}`;
}

const WORDS = {
  pin: ['pinned', 'unpinned'],
  ticket: ['made a ticket', 'no longer a ticket'],
  delete: ['deleted', 'restored'],
} as const;
