/**
 * Messages as cells, made once for as long as they are on the screen.
 */
import type { EntryJson } from '../entry/entry.ts';
import { sanitize } from '../viewer/sanitize.ts';
import { toCells } from './width.ts';

export interface ShownText {
  /** Sanitised. */
  readonly text: string;
  readonly cells: readonly string[];
}

/** What the list shows of a message, in UTF-16 units; the detail shows more. */
const SHOWN_LENGTH_MAX = 8_192;

/** More than the highest screen shows. Beyond: all are made anew. */
const KEPT_MAX = 1_000;
const kept = new Map<EntryJson, ShownText>();

export function shownMessage(entry: EntryJson): ShownText {
  const known = kept.get(entry);
  if (known) return known;
  const { message } = entry;
  const cut = message.length > SHOWN_LENGTH_MAX ? `${message.slice(0, SHOWN_LENGTH_MAX).toWellFormed()}…` : message;
  const text = sanitize(cut);
  const shown = { text, cells: toCells(text) };
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(entry, shown);
  return shown;
}
