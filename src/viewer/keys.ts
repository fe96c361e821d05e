/**
 * The keys of the terminal and of the page: one table makes the handlers and the help of both.
 */

/** `Space`, `Enter`, `Escape`, `Tab`, `Up`, `PageDown`…; `C-d` for Ctrl; a character as it is typed (`g`, `G`, `/`). */
export type KeyName = string;

export type KeyGroup = 'Move' | 'Find' | 'Filter' | 'Act' | 'Look';

export interface KeyBinding {
  readonly keys: readonly KeyName[];
  readonly act: KeyAct;
  readonly help: string;
  /** For a short help: bindings with the same text here share a line, their keys side by side. */
  readonly together?: string;
  readonly group: KeyGroup;
  /** Missing: both. */
  readonly only?: 'terminal' | 'page';
}

export type KeyAct =
  | 'down'
  | 'up'
  | 'page-down'
  | 'page-up'
  | 'half-down'
  | 'half-up'
  | 'first'
  | 'live'
  | 'left'
  | 'right'
  | 'search'
  | 'next-hit'
  | 'previous-hit'
  | 'next-error'
  | 'previous-error'
  | 'next-warning'
  | 'previous-warning'
  | 'filter'
  | 'clear-filter'
  | 'level-debug'
  | 'level-info'
  | 'level-warning'
  | 'level-error'
  | 'level-critical'
  | 'client'
  | 'pause'
  | 'detail'
  | 'close'
  | 'pin'
  | 'ticket'
  | 'ticket-status'
  | 'note'
  | 'delete'
  | 'undo'
  | 'copy'
  | 'tickets'
  | 'clients'
  | 'wrap'
  | 'pane'
  | 'open'
  | 'help'
  | 'quit';

export const KEYS: readonly KeyBinding[] = [
  { group: 'Move', keys: ['j', 'Down'], act: 'down', help: 'next entry', together: 'next, previous entry' },
  { group: 'Move', keys: ['k', 'Up'], act: 'up', help: 'previous entry (pauses)', together: 'next, previous entry' },
  { group: 'Move', keys: ['PageDown'], act: 'page-down', help: 'a page down', together: 'a page down, up' },
  { group: 'Move', keys: ['PageUp'], act: 'page-up', help: 'a page up', together: 'a page down, up' },
  { group: 'Move', keys: ['C-d'], act: 'half-down', help: 'half a page down', together: 'half a page down, up' },
  { group: 'Move', keys: ['C-u'], act: 'half-up', help: 'half a page up', together: 'half a page down, up' },
  { group: 'Move', keys: ['g', 'Home'], act: 'first', help: 'oldest entry' },
  { group: 'Move', keys: ['G', 'End'], act: 'live', help: 'newest entry, follow live' },
  { group: 'Move', keys: ['Left'], act: 'left', help: 'scroll left', together: 'scroll sideways' },
  { group: 'Move', keys: ['Right'], act: 'right', help: 'scroll right', together: 'scroll sideways' },
  { group: 'Find', keys: ['/'], act: 'search', help: 'search in the list' },
  { group: 'Find', keys: ['n'], act: 'next-hit', help: 'next hit', together: 'next, previous hit' },
  { group: 'Find', keys: ['N'], act: 'previous-hit', help: 'previous hit', together: 'next, previous hit' },
  { group: 'Find', keys: ['e'], act: 'next-error', help: 'next error', together: 'next, previous error' },
  { group: 'Find', keys: ['E'], act: 'previous-error', help: 'previous error', together: 'next, previous error' },
  { group: 'Find', keys: ['w'], act: 'next-warning', help: 'next warning', together: 'next, previous warning' },
  { group: 'Find', keys: ['W'], act: 'previous-warning', help: 'previous warning', together: 'next, previous warning' },
  { group: 'Filter', keys: ['f'], act: 'filter', help: 'filter by a query' },
  { group: 'Filter', keys: ['F'], act: 'clear-filter', help: 'clear the filter' },
  {
    group: 'Filter',
    keys: ['1'],
    act: 'level-debug',
    help: 'debug and above',
    together: 'the least level shown',
  },
  {
    group: 'Filter',
    keys: ['2'],
    act: 'level-info',
    help: 'info and above',
    together: 'the least level shown',
  },
  {
    group: 'Filter',
    keys: ['3'],
    act: 'level-warning',
    help: 'warning and above',
    together: 'the least level shown',
  },
  {
    group: 'Filter',
    keys: ['4'],
    act: 'level-error',
    help: 'error and above',
    together: 'the least level shown',
  },
  {
    group: 'Filter',
    keys: ['5'],
    act: 'level-critical',
    help: 'critical only',
    together: 'the least level shown',
  },
  { group: 'Filter', keys: ['c'], act: 'client', help: 'only this client, and back' },
  { group: 'Act', keys: ['p'], act: 'pin', help: 'pin, unpin' },
  { group: 'Act', keys: ['t'], act: 'ticket', help: 'make a ticket, and back' },
  { group: 'Act', keys: ['x'], act: 'ticket-status', help: 'close, reopen a ticket' },
  { group: 'Act', keys: ['a'], act: 'note', help: 'write a note' },
  { group: 'Act', keys: ['d'], act: 'delete', help: 'delete' },
  { group: 'Act', keys: ['u'], act: 'undo', help: 'undo' },
  { group: 'Act', keys: ['y'], act: 'copy', help: 'copy the entry' },
  { group: 'Look', keys: ['Space'], act: 'pause', help: 'pause, go on' },
  { group: 'Look', keys: ['Enter'], act: 'detail', help: 'detail with context' },
  { group: 'Look', keys: ['Escape'], act: 'close', help: 'close what is open' },
  { group: 'Look', keys: ['T'], act: 'tickets', help: 'tickets' },
  { group: 'Look', keys: ['C'], act: 'clients', help: 'clients and their agents' },
  { group: 'Look', keys: ['z'], act: 'wrap', help: 'wrap long lines' },
  { group: 'Look', keys: ['Tab'], act: 'pane', help: 'next pane', only: 'terminal' },
  { group: 'Look', keys: ['o'], act: 'open', help: 'open in the browser', only: 'terminal' },
  { group: 'Look', keys: ['?'], act: 'help', help: 'this help' },
  { group: 'Look', keys: ['q'], act: 'quit', help: 'quit', only: 'terminal' },
];

const ACTS: ReadonlyMap<KeyName, KeyBinding> = new Map(
  KEYS.flatMap((binding) => binding.keys.map((key) => [key, binding] as const)),
);

/** What a key does there; undefined: nothing. */
export function actOfKey(key: KeyName, where: 'terminal' | 'page'): KeyAct | undefined {
  const binding = ACTS.get(key);
  return binding && (binding.only ?? where) === where ? binding.act : undefined;
}

/** The bindings of one place, in the order of the help. */
export function keysOf(where: 'terminal' | 'page'): readonly KeyBinding[] {
  return KEYS.filter((binding) => (binding.only ?? where) === where);
}

/** The name of a key as a browser's KeyboardEvent tells it; undefined when Alt or Meta is held: those are the browser's. */
export function keyNameFromDom(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}): KeyName | undefined {
  if (event.altKey || event.metaKey) return undefined;
  const name = event.key === ' ' ? 'Space' : event.key.replace(/^Arrow/, '');
  return event.ctrlKey ? `C-${name}` : name;
}
