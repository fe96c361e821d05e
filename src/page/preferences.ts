/**
 * What a person has chosen for this browser: theme, zone, wrapping, density. Kept in the browser's storage and shared
 * live between its tabs.
 */
import { type Signal, signal } from '@preact/signals';
import { readStorage, writeStorage } from './storage.ts';
import type { Zone } from './time-shown.ts';

export type Theme = 'system' | 'light' | 'dark';
export type TicketOrder = 'newest' | 'oldest' | 'worst';
export type Density = 'compact' | 'relaxed';

export const theme = kept<Theme>('theme', ['system', 'light', 'dark']);
export const zone = kept<Zone>('zone', ['utc', 'local']);
export const density = kept<Density>('density', ['compact', 'relaxed']);
export const wrap = kept<'off' | 'on'>('wrap', ['off', 'on']);
export const ticketOrder = kept<TicketOrder>('tickets', ['newest', 'oldest', 'worst']);
export const facetsShown = kept<'on' | 'off'>('facets', ['on', 'off']);

/** The choice after this one, round and round. */
export function nextChoice<Choice extends string>(choices: readonly Choice[], current: Choice): Choice {
  return choices[(choices.indexOf(current) + 1) % choices.length] ?? current;
}

export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** The first choice is the default. */
function kept<Choice extends string>(name: string, choices: readonly [Choice, ...Choice[]]): Signal<Choice> {
  const key = `logd.${name}`;
  const known = (text: string | null): Choice => choices.find((choice) => choice === text) ?? choices[0];
  const value = signal<Choice>(known(readStorage(key)));
  value.subscribe((chosen) => writeStorage(key, chosen));
  window.addEventListener('storage', (event) => {
    if (event.key === key) value.value = known(event.newValue);
  });
  return value;
}
