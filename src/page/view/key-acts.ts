/**
 * What each key of the shared table does on the view page.
 */
import { paths } from '../../api/paths.ts';
import type { Level } from '../../entry/level.ts';
import type { KeyAct } from '../../viewer/keys.ts';
import { nextChoice, wrap } from '../preferences.ts';
import { withFacet, withLevelFloor } from '../query-terms.ts';
import type { LogList } from './log-list.ts';
import type { ViewModel } from './view-model.ts';

export interface Reach {
  readonly model: ViewModel;
  readonly list: LogList | undefined;
  showHelp(): void;
}

type Run = (reach: Reach) => void;

/** CSS pixels. */
const SIDEWAYS_STEP = 80;
const ERRORS: readonly Level[] = ['ERROR', 'CRITICAL'];
const WARNINGS: readonly Level[] = ['WARNING'];
const nothing: Run = () => {};

export const KEY_ACTS: Readonly<Record<KeyAct, Run>> = {
  down: ({ model }) => model.move(1),
  up: ({ model }) => model.move(-1),
  'page-down': ({ model, list }) => model.move(pageOf(list)),
  'page-up': ({ model, list }) => model.move(-pageOf(list)),
  'half-down': ({ model, list }) => model.move(Math.ceil(pageOf(list) / 2)),
  'half-up': ({ model, list }) => model.move(-Math.ceil(pageOf(list) / 2)),
  first: ({ model }) => model.moveToHead(),
  live: ({ model }) => model.resume(),
  left: ({ list }) => list?.scrollSideways(-SIDEWAYS_STEP),
  right: ({ list }) => list?.scrollSideways(SIDEWAYS_STEP),
  search: focusSearch,
  filter: focusSearch,
  'next-hit': ({ model }) => model.findHit(1),
  'previous-hit': ({ model }) => model.findHit(-1),
  'next-error': ({ model }) => model.findLevel(1, ERRORS),
  'previous-error': ({ model }) => model.findLevel(-1, ERRORS),
  'next-warning': ({ model }) => model.findLevel(1, WARNINGS),
  'previous-warning': ({ model }) => model.findLevel(-1, WARNINGS),
  'clear-filter': ({ model }) => model.place.clearFilter(),
  'level-debug': levelFloor('DEBUG'),
  'level-info': levelFloor('INFO'),
  'level-warning': levelFloor('WARNING'),
  'level-error': levelFloor('ERROR'),
  'level-critical': levelFloor('CRITICAL'),
  client: ({ model }) => {
    const entry = model.subjects()[0] ?? model.viewer.selectedEntry;
    if (entry)
      model.place.search(withFacet(model.place.address.value.query, 'client', entry.client_id, 'only'), 'done');
  },
  pause: ({ model }) => model.togglePause(),
  detail: ({ model }) => {
    const entry = model.subjects()[0] ?? model.viewer.selectedEntry;
    if (!entry) return;
    model.choose(entry.uuid);
    model.place.open(entry.uuid);
  },
  close: ({ model }) => model.closeTopmost(),
  pin: ({ model }) => model.toggle('pin'),
  ticket: ({ model }) => model.toggle('ticket'),
  delete: ({ model }) => model.toggle('delete'),
  note: ({ model }) => model.askNote(),
  undo: ({ model }) => void model.triage.undo(),
  copy: ({ model }) => model.copySubjects(),
  tickets: () => location.assign(paths.ticketsPage),
  clients: () => location.assign(paths.clientsPage),
  wrap: () => {
    wrap.value = nextChoice(['off', 'on'], wrap.value);
  },
  help: ({ showHelp }) => showHelp(),
  'ticket-status': nothing,
  pane: nothing,
  open: nothing,
  quit: nothing,
};

function pageOf(list: LogList | undefined): number {
  return list?.rowsPerPage ?? 10;
}

function levelFloor(level: Level): Run {
  return ({ model }) => model.place.search(withLevelFloor(model.place.address.value.query, level), 'done');
}

function focusSearch(): void {
  const input = document.querySelector<HTMLInputElement>('#search');
  input?.focus();
  input?.select();
}
