/**
 * Messages as cells, made once per row.
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

const messages = new WeakMap<EntryJson, ShownText>();

export function shownMessage(entry: EntryJson): ShownText {
  const known = messages.get(entry);
  if (known) return known;
  const { message } = entry;
  const cut = message.length > SHOWN_LENGTH_MAX ? `${message.slice(0, SHOWN_LENGTH_MAX).toWellFormed()}…` : message;
  const text = sanitize(cut);
  const shown = { text, cells: toCells(text) };
  messages.set(entry, shown);
  return shown;
}
