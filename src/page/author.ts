/**
 * The name a person signs notes and acts on tickets with, kept in this browser and shared live between its tabs.
 */
import { signal } from '@preact/signals';
import { AUTHOR_LENGTH_MAX } from '../entry/limits.ts';
import { readStorage, writeStorage } from './storage.ts';

const KEY = 'logd.author';

/** Empty: not told. */
export const author = signal((readStorage(KEY) ?? '').slice(0, AUTHOR_LENGTH_MAX));
author.subscribe((name) => writeStorage(KEY, name));
window.addEventListener('storage', (event) => {
  if (event.key === KEY) author.value = (event.newValue ?? '').slice(0, AUTHOR_LENGTH_MAX);
});

/** As the server takes it: missing when it is not told. */
export function authorOf(): string | undefined {
  return author.value.trim() || undefined;
}
