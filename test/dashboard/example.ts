/**
 * A dashboard in the middle of its work, the same every time.
 */

import type { AgentJson } from '../../src/api/types.ts';
import type { CellRow } from '../../src/dashboard/canvas.ts';
import { ClientActivity } from '../../src/dashboard/client-activity.ts';
import { paintFrameOf } from '../../src/dashboard/frame.ts';
import { ASCII_GLYPHS, UTF8_GLYPHS } from '../../src/dashboard/glyphs.ts';
import { HourStrip } from '../../src/dashboard/hour-strip.ts';
import { ListScroll } from '../../src/dashboard/list-scroll.ts';
import type { DashboardState } from '../../src/dashboard/state.ts';
import { createTheme } from '../../src/dashboard/theme.ts';
import type { EntryJson } from '../../src/entry/entry.ts';
import { emptyLevelCounts, type Level } from '../../src/entry/level.ts';
import { RateMeter } from '../../src/viewer/rate.ts';
import { Viewer } from '../../src/viewer/viewer.ts';
import { entryOf, SOME_TIME_MS } from '../support/entry-json.ts';
import { blankRows } from './picture.ts';

// Frames show this machine's time where it is not UTC.
process.env.TZ = 'UTC';

const LEVELS: readonly Level[] = ['INFO', 'INFO', 'DEBUG', 'WARNING', 'INFO', 'ERROR', 'INFO', 'CRITICAL', 'UNKNOWN'];
const CLIENTS = ['web-1', 'web-2', 'api-1', 'LinuxClient_a-rather-long-name'];
const MESSAGES = [
  'GET /users 200 in 12ms',
  'cache miss for key user:4711',
  'connection reset by peer',
  'slow query: SELECT * FROM orders WHERE customer_id = 4711 ORDER BY created_at DESC LIMIT 50; took 1234 ms, plan: sequential scan',
  'disk usage at 83%',
];

export const EXAMPLE_NOW_MS = SOME_TIME_MS + 70_000;

export function exampleEntry(number: number, rest: Partial<EntryJson> = {}): EntryJson {
  return entryOf(number, {
    log_level: LEVELS[number % LEVELS.length] ?? 'INFO',
    client_id: CLIENTS[number % CLIENTS.length] ?? '',
    message: `${MESSAGES[number % MESSAGES.length]} #${number}`,
    ...rest,
  });
}

export function exampleState(entries: readonly EntryJson[] = exampleEntries()): DashboardState {
  const viewer = new Viewer();
  viewer.append(entries);
  viewer.setConnection({ kind: 'live' });
  const rate = new RateMeter();
  const clients = new ClientActivity();
  clients.rows(EXAMPLE_NOW_MS - 2_000);
  for (let second = 60; second > 0; second--)
    rate.add('INFO', EXAMPLE_NOW_MS - second * 1_000, 40 + ((second * 7) % 30));
  rate.add('ERROR', EXAMPLE_NOW_MS - 1_000, 12);
  rate.add('WARNING', EXAMPLE_NOW_MS - 1_000, 500);
  for (const { client_id, log_level } of entries) {
    clients.add(client_id, log_level === 'ERROR' || log_level === 'CRITICAL', EXAMPLE_NOW_MS - 1_500);
  }
  clients.add('gone-1', true, EXAMPLE_NOW_MS - 300_000);
  const hour = new HourStrip();
  hour.load({
    buckets: Array.from({ length: 60 }, (_, minute) => ({
      start: '',
      counts: {
        ...emptyLevelCounts(),
        INFO: (minute * 37) % 400,
        WARNING: minute % 7 === 0 ? 9 : 0,
        ERROR: minute % 11 === 0 ? 3 : 0,
      },
    })),
    until: new Date(EXAMPLE_NOW_MS).toISOString(),
  });
  return {
    viewer,
    serverUrl: 'http://127.0.0.1:5000',
    rate,
    hour,
    clients,
    lagMs: 12,
    filterText: '',
    searchText: '',
    highlighter: undefined,
    wraps: false,
    left: 0,
    overlay: undefined,
    prompt: undefined,
    notice: undefined,
    focus: 'list',
    isLoading: false,
  };
}

/** One that falls behind, one whose spool fills, one that has lost something, one that is silent, one that is well. */
export function exampleStateWithAgents(): DashboardState {
  const state = exampleState();
  const spool = { batches: 0, lines: 0, bytes: 0, max_bytes: 1_000, oldest_ms: 0 };
  const gaps = { events: 0, lines: 0, unknown: 0 };
  const well: AgentJson = {
    host: 'h',
    version: '0.1.0',
    clients: [],
    last_report: '2026-11-23T03:11:00.000Z',
    silent_ms: 900,
    lag_bytes: 0,
    lag_ms: 0,
    troubles: [],
    sources: [],
    spool,
    gaps,
  };
  const agents: Readonly<Record<string, AgentJson>> = {
    'web-1': { ...well, lag_bytes: 5_000_000, lag_ms: 135_000, troubles: ['lag'] },
    'web-2': { ...well, lag_ms: 12_000, gaps: { events: 3, lines: 1_204, unknown: 1 }, troubles: ['gaps'] },
    'api-1': { ...well, spool: { ...spool, bytes: 850 }, troubles: ['spool'] },
    'LinuxClient_a-rather-long-name': well,
    'gone-1': { ...well, silent_ms: 300_000, troubles: ['silent'] },
  };
  state.clients.load({
    clients: state.clients.rows(EXAMPLE_NOW_MS).map(({ clientId, lastSeenMs, total, errors }) => ({
      client_id: clientId,
      last_seen: new Date(lastSeenMs).toISOString(),
      total,
      counts: { ...emptyLevelCounts(), ERROR: errors },
      ...(agents[clientId] ? { agent: agents[clientId] } : {}),
    })),
    agents: Object.values(agents),
  });
  return state;
}

function exampleEntries(): EntryJson[] {
  return Array.from({ length: 60 }, (_, index) => exampleEntry(index + 1));
}

export interface PaintOptions {
  readonly width: number;
  readonly height: number;
  readonly hasColor?: boolean;
  readonly isUtf8?: boolean;
  readonly scroll?: ListScroll;
}

export function paintExample(
  state: DashboardState,
  { width, height, hasColor = true, isUtf8 = true, scroll = new ListScroll() }: PaintOptions,
): { rows: CellRow[]; cursor: { x: number; y: number } | undefined } {
  const rows = blankRows(width, height);
  const { cursor } = paintFrameOf({
    rows,
    width,
    height,
    state,
    scroll,
    theme: createTheme(hasColor),
    glyphs: isUtf8 ? UTF8_GLYPHS : ASCII_GLYPHS,
    nowMs: EXAMPLE_NOW_MS,
    monotonicMs: 1_000,
  });
  return { rows, cursor };
}
