/**
 * What people did with the entries of the other log, brought to the entries here: what a state file says, and what the
 * lines say themselves. Only set, never taken away.
 */
import type { ImportRecord } from '../../decode/import/record.ts';
import type { EntryJson } from '../../entry/entry.ts';
import type { FullState, StateChange } from '../../entry/state.ts';
import type { WantedState } from './batches.ts';
import { findImported } from './find-imported.ts';
import type { ImportTarget } from './target.ts';

/** States by old id, of one state file or several. */
export type StateTable = ReadonlyMap<string, StateChange>;

/** Entries whose state waits to be set. Beyond: they are set before the import goes on. */
const READY_MAX = 1_000;

export class ImportStates {
  readonly #target: ImportTarget;
  readonly #expected = new Set<string>();
  readonly #seen = new Set<string>();
  #ready: WantedState[] = [];
  readonly counts = { set: 0, before: 0, notFound: 0 };

  constructor(target: ImportTarget) {
    this.#target = target;
  }

  /** States that some file of this import should have entries of. */
  expect(table: StateTable): void {
    for (const id of table.keys()) this.#expected.add(id);
  }

  /** The state a record shall have; undefined: none of its own. */
  wantedOf({ oldId, state }: ImportRecord, table: StateTable): StateChange | undefined {
    if (oldId === undefined) return undefined;
    if (table.size === 0) return state;
    const told = table.get(oldId);
    if (told === undefined) return state;
    this.#seen.add(oldId);
    return { ...state, ...told };
  }

  /** Takes the states of entries that are stored. */
  async stored(states: readonly WantedState[]): Promise<void> {
    if (states.length === 0) return;
    this.#ready.push(...states);
    if (this.#ready.length >= READY_MAX) await this.flush();
  }

  /** Sets what is ready. */
  async flush(): Promise<void> {
    const ready = this.#ready;
    if (ready.length === 0) return;
    this.#ready = [];
    const found = await findImported(this.#target.entries, ready);
    const changes = new Map<string, { change: StateChange; ids: string[] }>();
    for (const { oldId, change } of ready) {
      const entries = found.get(oldId);
      if (entries === undefined) {
        this.counts.notFound++;
        continue;
      }
      let isComplete = true;
      for (const entry of entries) {
        const missing = missingOf(entry, change);
        if (missing === undefined) continue;
        isComplete = false;
        const key = JSON.stringify(missing);
        const known = changes.get(key);
        if (known) known.ids.push(entry.uuid);
        else changes.set(key, { change: missing, ids: [entry.uuid] });
      }
      if (isComplete) this.counts.before++;
      else this.counts.set++;
    }
    for (const { change, ids } of changes.values()) await this.#target.changeState(ids, change);
  }

  /** No more files come: what was expected and has no entry is not found. */
  end(): void {
    this.counts.notFound += this.#expected.difference(this.#seen).size;
  }
}

/** What of a state must be set. An entry begins without any. */
export function changeOf(state: FullState): StateChange | undefined {
  const { ticketStatus, ticketOpenedMs, ticketClosedMs } = state;
  const change: StateChange = {
    ...(state.isPinned ? { pin: true } : {}),
    ...(state.isTicket ? { ticket: true } : {}),
    ...(state.isTicket && ticketStatus === 'closed' ? { ticketStatus } : {}),
    ...(state.isTicket && ticketOpenedMs !== undefined ? { ticketOpenedMs } : {}),
    ...(state.isTicket && ticketClosedMs !== undefined ? { ticketClosedMs } : {}),
    ...(state.isDeleted ? { delete: true } : {}),
    ...(state.isTicket && state.ticketReopens ? { ticketReopens: true } : {}),
    ...(state.note ? { note: state.note } : {}),
    ...(state.note && state.noteAuthor !== undefined ? { noteAuthor: state.noteAuthor } : {}),
    ...(state.note && state.noteMs !== undefined ? { noteMs: state.noteMs } : {}),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

/** What an entry does not have yet. What people did with it here since an earlier import stays as it is. */
function missingOf(
  entry: EntryJson,
  { pin, delete: remove, note, noteAuthor, noteMs, ticket, ...rest }: StateChange,
): StateChange | undefined {
  const missing: StateChange = {
    ...(pin && !entry.is_pinned ? { pin } : {}),
    ...(ticket && !entry.is_ticket ? { ticket, ...rest } : {}),
    ...(remove && !entry.is_deleted ? { delete: remove } : {}),
    ...(note !== undefined && entry.note === undefined
      ? {
          note,
          ...(noteAuthor === undefined ? {} : { noteAuthor }),
          ...(noteMs === undefined ? {} : { noteMs }),
        }
      : {}),
  };
  return Object.keys(missing).length === 0 ? undefined : missing;
}
