/**
 * Keys as blessed tells them → the names of the key table.
 */
import type { KeyName } from '../viewer/keys.ts';

export interface BlessedKey {
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly shift?: boolean | undefined;
  readonly meta?: boolean | undefined;
  readonly sequence?: string | undefined;
}

export interface PressedKey {
  readonly name: KeyName;
  /** What it types into a line; undefined for keys that type nothing. */
  readonly typed: string | undefined;
}

const NAMES: Readonly<Record<string, KeyName>> = {
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  home: 'Home',
  end: 'End',
  pageup: 'PageUp',
  pagedown: 'PageDown',
  return: 'Enter',
  linefeed: 'Enter',
  escape: 'Escape',
  backspace: 'Backspace',
  delete: 'Delete',
};

/** Undefined for what is not a key press of its own. */
export function pressedKey(typed: string | undefined, key: BlessedKey): PressedKey | undefined {
  // blessed tells Enter twice: as `return`, and again as `enter`.
  if (key.name === 'enter') return undefined;
  if (key.meta && key.name !== 'escape') return undefined;
  if (key.name === 'space') return { name: 'Space', typed: ' ' };
  if (key.name === 'tab') return { name: key.shift ? 'S-Tab' : 'Tab', typed: undefined };
  const name = key.name === undefined ? undefined : NAMES[key.name];
  if (name !== undefined) return { name, typed: undefined };
  if (key.ctrl && key.name !== undefined) return { name: `C-${key.name}`, typed: undefined };
  if (typed === undefined || typed === '') return undefined;
  return { name: typed, typed };
}
