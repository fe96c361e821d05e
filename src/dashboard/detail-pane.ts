/**
 * The entry that is open in full: shown, followed with the selection, scrolled, its surroundings loaded.
 */
import type { ApiClient } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import type { EntryJson } from '../entry/entry.ts';
import type { KeyAct } from '../viewer/keys.ts';
import type { DashboardState, DetailOverlay } from './state.ts';

export interface DetailPaneOptions {
  readonly client: ApiClient;
  readonly state: DashboardState;
  onChange(): void;
}

/** Entries of the store before and after the open one. */
const CONTEXT_ENTRIES = 5;
const HALF_PAGE_ROWS = 5;

export class DetailPane {
  readonly #options: DetailPaneOptions;
  readonly #state: DashboardState;
  #request = new AbortController();

  constructor(options: DetailPaneOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  show(entry: EntryJson): void {
    this.#state.focus = 'list';
    this.#load(entry);
  }

  /** With the detail open, moving in the list shows the next one. */
  follow(): void {
    const open = this.#open();
    const entry = this.#state.viewer.selectedEntry;
    if (open && entry && entry.uuid !== open.entry.uuid) this.#load(entry);
  }

  /** @returns false for an act that does not scroll */
  scroll(act: KeyAct, pageRows: number): boolean {
    const open = this.#open();
    if (!open) return false;
    const to = {
      down: open.scroll + 1,
      up: open.scroll - 1,
      'page-down': open.scroll + pageRows,
      'page-up': open.scroll - pageRows,
      'half-down': open.scroll + HALF_PAGE_ROWS,
      'half-up': open.scroll - HALF_PAGE_ROWS,
      first: 0,
      // The painter knows where the end is.
      live: Number.MAX_SAFE_INTEGER,
    }[act as string];
    if (to === undefined) return false;
    open.scroll = Math.max(0, to);
    return true;
  }

  /** What is being loaded is not waited for any more. */
  abandon(): void {
    this.#request.abort();
  }

  #open(): DetailOverlay | undefined {
    const { overlay } = this.#state;
    return overlay?.kind === 'detail' ? overlay : undefined;
  }

  #load(entry: EntryJson): void {
    const overlay: DetailOverlay = { kind: 'detail', entry, scroll: 0, context: { kind: 'loading' } };
    this.#state.overlay = overlay;
    void this.#loadContext(overlay);
  }

  async #loadContext(overlay: DetailOverlay): Promise<void> {
    this.#request.abort();
    this.#request = new AbortController();
    try {
      const body = await this.#options.client.entry(overlay.entry.uuid, CONTEXT_ENTRIES, this.#request.signal);
      overlay.context = { kind: 'loaded', before: body.before ?? [], after: body.after ?? [] };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.type !== 'aborted') overlay.context = { kind: 'failed', reason: error.message };
    }
    this.#options.onChange();
  }
}
