/**
 * Views a person has saved in this browser: each is an address of the view page, known by what it searches. Shared live
 * between tabs.
 */
import { signal } from '@preact/signals';
import { type Address, formatAddress, parseAddress } from './address.ts';
import { readStorage, writeStorage } from './storage.ts';

const KEY = 'logd.views';
const VIEWS_MAX = 50;

/** As addresses ("?query=…"), in the order of saving. */
export const savedViews = signal<readonly string[]>(parseViews(readStorage(KEY)));
savedViews.subscribe((views) => writeStorage(KEY, JSON.stringify(views)));
window.addEventListener('storage', (event) => {
  if (event.key === KEY) savedViews.value = parseViews(event.newValue);
});

/** What a view is known by in the storage: its address without the entry that is open. */
export function viewOf(address: Address): string {
  return formatAddress({ ...address, entryId: undefined });
}

export function saveView(view: string): void {
  if (!savedViews.value.includes(view)) savedViews.value = [...savedViews.value, view].slice(-VIEWS_MAX);
}

export function removeView(view: string): void {
  savedViews.value = savedViews.value.filter((other) => other !== view);
}

/** The words a person knows a view by. */
export function nameOf(view: string): string {
  const { query, range } = parseAddress(view, Date.now());
  const words = query === '' ? 'everything' : query;
  if (range.kind === 'all') return words;
  return `${words} · ${range.kind === 'last' ? `last ${range.span}` : new Date(range.sinceMs).toISOString().slice(5, 16).replace('T', ' ')}`;
}

/** What is no list of texts counts as none: another version, or a hand, wrote it. */
function parseViews(text: string | null): string[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.filter((view) => typeof view === 'string').slice(-VIEWS_MAX) : [];
  } catch {
    return [];
  }
}
