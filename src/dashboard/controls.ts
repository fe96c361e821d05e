/**
 * Keys → what they do. The key table says which key is which act; here is what each act means in the terminal.
 */
import type { ApiClient } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import type { EntryJson } from '../entry/entry.ts';
import type { Level } from '../entry/level.ts';
import { NOTE_LENGTH_MAX } from '../entry/limits.ts';
import { compileQuery } from '../entry/query/match.ts';
import { parseQuery } from '../entry/query/parse.ts';
import type { Clock } from '../system/clock.ts';
import { type Act, type ActStep, describeActs, toggleAct } from '../viewer/acts.ts';
import { createHighlighter } from '../viewer/highlight.ts';
import { actOfKey, type KeyAct } from '../viewer/keys.ts';
import type { Found } from '../viewer/snapshot.ts';
import { ClientsPane } from './clients-pane.ts';
import { DetailPane } from './detail-pane.ts';
import type { Feed } from './feed.ts';
import { toggleClient, toggleLevel, withClient } from './filter-terms.ts';
import { LineEditor } from './line-editor.ts';
import type { DashboardState, Notice, Prompt } from './state.ts';
import type { PressedKey } from './terminal-key.ts';
import { TicketsPane } from './tickets-pane.ts';

export interface ControlsOptions {
  readonly client: ApiClient;
  readonly state: DashboardState;
  readonly feed: Feed;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  /** Rows of the list on the screen. */
  readonly pageRows: () => number;
  /** After a jump: the selection goes to the middle of the screen. */
  center(): void;
  copy(text: string): void;
  openInBrowser(url: string): void;
  onChange(): void;
  quit(): void;
}

const NOTICE_MS = 4_000;
const SCROLL_CELLS = 16;
const HISTORY_LINES_MAX = 100;
/** Terminals refuse more on the clipboard. */
const COPIED_LENGTH_MAX = 50_000;
/** A faster list than this moves under one's finger: the first key only stops it. */
const CALM_PER_SECOND = 4;

export class Controls {
  readonly #options: ControlsOptions;
  readonly #state: DashboardState;
  #history: { readonly search: string[]; readonly filter: string[]; readonly note: string[] } = {
    search: [],
    filter: [],
    note: [],
  };
  readonly #detail: DetailPane;
  readonly #tickets: TicketsPane;
  readonly #clients: ClientsPane;
  readonly #acts: Readonly<Record<KeyAct, () => void>>;

  constructor(options: ControlsOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#detail = new DetailPane(options);
    this.#tickets = new TicketsPane(options, {
      act: (acts) => this.#act(acts),
      askNote: (entry) => this.#ask('note', entry.note ?? '', entry.uuid),
      undo: () => this.#undo(),
      show: (entry) => this.#showTicket(entry),
      close: () => this.#close(),
      say: (text, kind) => this.#say(text, kind),
    });
    this.#clients = new ClientsPane(options, {
      filterClient: (clientId) => {
        this.#close();
        this.#filter(withClient(this.#state.filterText, clientId));
      },
      openTickets: () => this.#tickets.open(),
      close: () => this.#close(),
    });
    this.#acts = this.#inList();
  }

  press(key: PressedKey): void {
    this.#state.viewer.dismissError();
    if (this.#state.prompt) this.#pressInPrompt(this.#state.prompt, key);
    else {
      const act = actOfKey(key.name, 'terminal');
      if (act !== undefined) this.#do(act);
    }
    this.#options.onChange();
  }

  /** Rows downwards; upwards when negative. */
  wheel(rows: number): void {
    const { overlay } = this.#state;
    if (overlay?.kind === 'detail' && this.#state.focus === 'overlay')
      overlay.scroll = Math.max(0, overlay.scroll + rows);
    else this.#move(rows);
    this.#options.onChange();
  }

  /** A state has changed elsewhere: lists of tickets may have become others. */
  stateChanged(): void {
    const { overlay } = this.#state;
    if (overlay?.kind === 'tickets') void this.#tickets.load(overlay);
  }

  #do(act: KeyAct): void {
    const { overlay } = this.#state;
    if (overlay?.kind === 'help') {
      this.#close();
      if (act === 'help' || act === 'close' || act === 'quit') return;
    }
    if (overlay?.kind === 'tickets') {
      if (this.#tickets.do(overlay, act)) return;
    } else if (overlay?.kind === 'clients') {
      if (this.#clients.do(overlay, act, this.#pageRows())) return;
    } else if (
      overlay?.kind === 'detail' &&
      this.#state.focus === 'overlay' &&
      this.#detail.scroll(act, this.#pageRows())
    )
      return;
    this.#acts[act]();
  }

  /** What each act means in the list. */
  #inList(): Readonly<Record<KeyAct, () => void>> {
    const { feed, quit } = this.#options;
    const state = this.#state;
    const { viewer } = state;
    const page = () => this.#pageRows();
    return {
      down: () => this.#move(1),
      up: () => this.#move(-1),
      'page-down': () => this.#move(page()),
      'page-up': () => this.#move(-page()),
      'half-down': () => this.#move(Math.ceil(page() / 2)),
      'half-up': () => this.#move(-Math.ceil(page() / 2)),
      first: () => {
        viewer.selectIndex(0);
        void feed.loadOlder();
        this.#detail.follow();
      },
      live: () => viewer.resume(),
      left: () => {
        state.left = Math.max(0, state.left - SCROLL_CELLS);
      },
      right: () => {
        if (!state.wraps) state.left += SCROLL_CELLS;
      },
      search: () => this.#ask('search', ''),
      'next-hit': () => this.#jump(state.searchText === '' ? 'no search' : viewer.findHit(1), 'hit'),
      'previous-hit': () => this.#jump(state.searchText === '' ? 'no search' : viewer.findHit(-1), 'hit'),
      'next-error': () => this.#jump(viewer.findLevel(1, ['ERROR', 'CRITICAL']), 'error'),
      'previous-error': () => this.#jump(viewer.findLevel(-1, ['ERROR', 'CRITICAL']), 'error'),
      'next-warning': () => this.#jump(viewer.findLevel(1, ['WARNING']), 'warning'),
      'previous-warning': () => this.#jump(viewer.findLevel(-1, ['WARNING']), 'warning'),
      filter: () => this.#ask('filter', state.filterText),
      'clear-filter': () => this.#filter(''),
      'level-debug': () => this.#filterLevel('DEBUG'),
      'level-info': () => this.#filterLevel('INFO'),
      'level-warning': () => this.#filterLevel('WARNING'),
      'level-error': () => this.#filterLevel('ERROR'),
      'level-critical': () => this.#filterLevel('CRITICAL'),
      client: () => this.#onEntry((entry) => this.#filter(toggleClient(state.filterText, entry.client_id))),
      pause: () => viewer.togglePause(),
      detail: () => this.#openDetail(),
      close: () => this.#close(),
      pin: () => this.#onEntry((entry) => this.#act([toggleAct(entry, 'pin')])),
      ticket: () => this.#onEntry((entry) => this.#act([toggleAct(entry, 'ticket')])),
      delete: () => this.#onEntry((entry) => this.#act([toggleAct(entry, 'delete')])),
      note: () => this.#onEntry((entry) => this.#ask('note', entry.note ?? '', entry.uuid)),
      undo: () => this.#undo(),
      copy: () => this.#onEntry((entry) => this.#copy(entry)),
      tickets: () => this.#tickets.open(),
      clients: () => this.#clients.open(),
      'ticket-status': () => this.#say('tickets are closed and opened in their pane: T'),
      wrap: () => {
        state.wraps = !state.wraps;
        state.left = 0;
        this.#say(state.wraps ? 'long messages are wrapped' : 'one row per entry');
      },
      pane: () => {
        if (state.overlay?.kind === 'detail') state.focus = state.focus === 'list' ? 'overlay' : 'list';
        else this.#clients.open();
      },
      open: () => this.#onEntry((entry) => this.#open(entry)),
      help: () => {
        state.overlay = { kind: 'help' };
      },
      quit: () => {
        if (state.overlay) this.#close();
        else quit();
      },
    };
  }

  /** A page leaves one row of the one before. */
  #pageRows(): number {
    return Math.max(1, this.#options.pageRows() - 1);
  }

  // --- Moving

  #move(by: number): void {
    const { viewer } = this.#state;
    if (by < 0 && !viewer.isFollowing && viewer.selectedIndex <= 0) void this.#options.feed.loadOlder();
    viewer.move(by);
    this.#detail.follow();
  }

  #jump(found: Found | 'no search', what: string): void {
    if (found === 'no search') {
      this.#say('nothing is searched: / begins');
      return;
    }
    if (found === 'none') {
      this.#say(`no ${what} in the list`);
      return;
    }
    if (found === 'wrapped') this.#say(`went round: no further ${what} that way`);
    this.#options.center();
    this.#detail.follow();
  }

  /** The entry that is meant. A list that moves fast is stopped first, so that nothing is done to the wrong one. */
  #onEntry(use: (entry: EntryJson) => void): void {
    const { viewer, rate, overlay } = this.#state;
    const detailed = overlay?.kind === 'detail' ? (viewer.entry(overlay.entry.uuid) ?? overlay.entry) : undefined;
    const entry = detailed ?? viewer.selectedEntry;
    if (!entry) {
      this.#say('no entry is selected');
      return;
    }
    if (!detailed && viewer.isFollowing && rate.perSecond(this.#options.clock.nowMs()) > CALM_PER_SECOND) {
      viewer.select(entry.uuid);
      this.#say('stopped on the newest entry: choose one and press the key again');
      return;
    }
    use(entry);
  }

  // --- Finding and filtering

  #ask(kind: Prompt['kind'], text: string, entryId?: string): void {
    const history = this.#history[kind];
    const editor = new LineEditor({ text, history, ...(kind === 'note' ? { lengthMax: NOTE_LENGTH_MAX } : {}) });
    this.#state.prompt = { kind, editor, fault: undefined, entryId };
  }

  #pressInPrompt(prompt: Prompt, { name, typed }: PressedKey): void {
    if (name === 'Escape') {
      this.#state.prompt = undefined;
      return;
    }
    if (name === 'Enter') {
      this.#submit(prompt);
      return;
    }
    prompt.editor.press(name, typed);
    if (prompt.kind === 'note') return;
    const query = parseQuery(prompt.editor.text);
    prompt.fault = query.ok ? undefined : query;
  }

  #submit(prompt: Prompt): void {
    const { text } = prompt.editor;
    if (prompt.kind !== 'note' && prompt.fault) return;
    this.#state.prompt = undefined;
    const history = this.#history[prompt.kind];
    if (text.trim() !== '' && history.at(-1) !== text) history.push(text);
    if (history.length > HISTORY_LINES_MAX) history.shift();
    if (prompt.kind === 'search') this.#search(text);
    else if (prompt.kind === 'filter') this.#filter(text.trim());
    else if (prompt.entryId !== undefined) this.#act([{ kind: 'note', id: prompt.entryId, note: text.trim() }]);
  }

  #search(text: string): void {
    const { viewer } = this.#state;
    const query = parseQuery(text);
    if (text.trim() === '' || !query.ok) {
      this.#state.searchText = '';
      this.#state.highlighter = undefined;
      viewer.setSearch(undefined);
      return;
    }
    this.#state.searchText = text;
    this.#state.highlighter = createHighlighter(query.query);
    viewer.setSearch(compileQuery(query.query));
    // From the newest the way leads back; from a place within the list, on.
    this.#jump(viewer.findHit(viewer.isFollowing ? -1 : 1), 'hit');
  }

  #filterLevel(level: Level): void {
    this.#filter(toggleLevel(this.#state.filterText, level));
  }

  #filter(text: string): void {
    if (text === this.#state.filterText) return;
    this.#state.filterText = text;
    this.#options.feed.refilter();
    if (text === '') this.#say('all entries');
  }

  // --- Acts

  #act(acts: readonly Act[]): void {
    const { viewer } = this.#state;
    const step = viewer.act(acts);
    if (step.acts.length > 0) {
      this.#say(
        `${describeActs(step.acts)} ${this.#state.overlay?.kind === 'tickets' ? '' : '· u undo'}`.trim(),
        'good',
      );
    }
    // What is not held here is done at the server all the same.
    void this.#send(step.acts.length > 0 ? step.acts : acts, () => viewer.rollBack(step));
  }

  #undo(): void {
    const step: ActStep | undefined = this.#state.viewer.undo();
    if (!step) {
      this.#say('nothing to undo');
      return;
    }
    this.#say(`undone: ${describeActs(step.acts)}`, 'good');
    void this.#send(step.inverse, () => {
      for (const act of step.acts) this.#state.viewer.act([act]);
    });
  }

  async #send(acts: readonly Act[], takeBack: () => void): Promise<void> {
    try {
      for (const act of acts) this.#state.viewer.applyState(await this.#options.client.act(act));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      takeBack();
      this.#say(`not ${describeActs(acts)}: ${error.message}`, 'bad');
    }
    const { overlay } = this.#state;
    if (overlay?.kind === 'tickets') await this.#tickets.load(overlay);
    this.#options.onChange();
  }

  #copy(entry: EntryJson): void {
    const line = `${entry.timestamp_str} ${entry.log_level} ${entry.client_id} ${entry.message}`;
    this.#options.copy(line.slice(0, COPIED_LENGTH_MAX).toWellFormed());
    this.#say('copied, where the terminal lets programs do so (OSC 52)');
  }

  #open(entry: EntryJson): void {
    const url = `${this.#options.client.serverUrl}/view?entry=${entry.uuid}`;
    this.#options.openInBrowser(url);
    this.#say(url);
  }

  // --- What opens

  #openDetail(): void {
    const { viewer } = this.#state;
    const row = viewer.selectedRow;
    if (!row) {
      this.#say('no entry is selected');
      return;
    }
    if (row.kind === 'gap') {
      void this.#options.feed.loadGap(row.key);
      return;
    }
    viewer.select(row.key);
    if (this.#state.overlay?.kind === 'detail') {
      this.#state.focus = this.#state.focus === 'list' ? 'overlay' : 'list';
      return;
    }
    this.#detail.show(row.entry);
  }

  #showTicket(entry: EntryJson): void {
    if (!this.#state.viewer.select(entry.uuid)) this.#state.viewer.pause();
    this.#options.center();
    this.#detail.show(entry);
  }

  #close(): void {
    this.#detail.abandon();
    this.#state.overlay = undefined;
    this.#state.focus = 'list';
  }

  #say(text: string, kind: Notice['kind'] = 'info'): void {
    this.#state.notice = { text, kind, untilMs: this.#options.clock.monotonicMs() + NOTICE_MS };
    this.#options.onChange();
  }
}
