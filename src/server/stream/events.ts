/**
 * What goes over a live stream, as bytes: Server-Sent Events (WHATWG HTML §9.2). `id:` stands on entries and ticks,
 * never on states and gaps, so that a viewer's position is always an entry it has passed.
 */
import type { GapEvent, StateEvent, TickEvent } from '../../api/types.ts';
import { type EntryState, entryToJson, noteToJson } from '../../entry/entry.ts';
import type { FullState } from '../../entry/state.ts';
import type { StoredEntry } from '../../store/store.ts';

export function stateEvent(uuid: string, state: FullState): StateEvent {
  return {
    uuid,
    is_pinned: state.isPinned,
    is_ticket: state.isTicket,
    is_deleted: state.isDeleted,
    ...noteToJson(state),
    ...(state.ticketStatus === undefined ? {} : { ticket_status: state.ticketStatus }),
    ...(state.ticketReopens ? { ticket_reopen: true } : {}),
  };
}

export function encodeEntries(found: readonly StoredEntry[], asBatch: boolean): string {
  if (found.length === 0) return '';
  if (!asBatch) return found.map(encodeEntry).join('');
  const last = found.at(-1)?.entry.id ?? '';
  return `id: ${last}\ndata: [${found.map(({ entry, state }) => JSON.stringify(entryToJson(entry, state))).join()}]\n\n`;
}

export function encodeState(uuid: string, state: FullState): string {
  return `event: state\ndata: ${JSON.stringify(stateEvent(uuid, state))}\n\n`;
}

export function encodeGap(missed: number): string {
  const event: GapEvent = { missed };
  return `event: gap\ndata: ${JSON.stringify(event)}\n\n`;
}

export function encodeTick(id: string): string {
  const event: TickEvent = { id };
  return `event: tick\nid: ${id}\ndata: ${JSON.stringify(event)}\n\n`;
}

/**
 * Where a viewer stands, said outside the beat of ticks. In streams of single entries it is an event without data, which
 * moves a browser's position on but reaches no handler: readers older than ticks take any data for an entry.
 */
export function encodePosition(id: string, asBatch: boolean): string {
  return asBatch ? encodeTick(id) : `id: ${id}\n\n`;
}

function encodeEntry({ entry, state }: { entry: StoredEntry['entry']; state: EntryState | undefined }): string {
  return `id: ${entry.id}\ndata: ${JSON.stringify(entryToJson(entry, state))}\n\n`;
}
