/**
 * What the dashboard shows, as plain data: the painters read it, nothing else.
 */

import type { TicketJson } from '../api/types.ts';
import type { EntryJson } from '../entry/entry.ts';
import type { QueryFault } from '../entry/query/parse.ts';
import type { Highlighter } from '../viewer/highlight.ts';
import type { RateMeter } from '../viewer/rate.ts';
import type { Viewer } from '../viewer/viewer.ts';
import type { ClientActivity } from './client-activity.ts';
import type { HourStrip } from './hour-strip.ts';
import type { LineEditor } from './line-editor.ts';

export interface DashboardState {
  readonly viewer: Viewer;
  readonly serverUrl: string;
  readonly rate: RateMeter;
  readonly hour: HourStrip;
  readonly clients: ClientActivity;
  /** Receipt at the server to here, ms; undefined before the first live entry. */
  lagMs: number | undefined;
  /** The filter in force; empty: none. */
  filterText: string;
  searchText: string;
  highlighter: Highlighter | undefined;
  /** Long messages go on in further rows. */
  wraps: boolean;
  /** Cells of the messages that are scrolled out to the left. */
  left: number;
  overlay: Overlay | undefined;
  prompt: Prompt | undefined;
  /** Said in the status line until its time (ms, monotonic). */
  notice: Notice | undefined;
  /** What Tab has chosen. */
  focus: 'list' | 'overlay';
  /** A request for stored entries is under way. */
  isLoading: boolean;
}

export interface Notice {
  readonly text: string;
  readonly kind: 'info' | 'good' | 'bad';
  readonly untilMs: number;
}

export interface Prompt {
  readonly kind: 'search' | 'filter' | 'note';
  readonly editor: LineEditor;
  fault: QueryFault | undefined;
  /** Of a note: what it is about. */
  readonly entryId: string | undefined;
}

export type Overlay = HelpOverlay | DetailOverlay | TicketsOverlay | ClientsOverlay;

export interface HelpOverlay {
  readonly kind: 'help';
}

export interface DetailOverlay {
  readonly kind: 'detail';
  /** As the list has it; the newest version is asked of the viewer first. */
  readonly entry: EntryJson;
  /** Rows scrolled out at the top. */
  scroll: number;
  context: DetailContext;
}

export type DetailContext =
  | { readonly kind: 'loading' }
  | { readonly kind: 'loaded'; readonly before: readonly EntryJson[]; readonly after: readonly EntryJson[] }
  | { readonly kind: 'failed'; readonly reason: string };

export interface TicketsOverlay {
  readonly kind: 'tickets';
  tickets: readonly TicketJson[] | undefined;
  /** Why they could not be loaded. */
  failure: string | undefined;
  selected: number;
}

export interface ClientsOverlay {
  readonly kind: 'clients';
  /** By name, for the order changes; undefined: the first one. */
  selectedId: string | undefined;
}
