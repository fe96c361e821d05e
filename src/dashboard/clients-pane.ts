/**
 * All clients over the list, one of them selected: who sends what, and how their agents are.
 */
import type { KeyAct } from '../viewer/keys.ts';
import type { ClientRow } from './client-activity.ts';
import type { ClientsOverlay, DashboardState } from './state.ts';

/** What the keys of the pane do outside it. */
export interface ClientsPaneActs {
  /** Shows this client's entries alone. */
  filterClient(clientId: string): void;
  openTickets(): void;
  close(): void;
}

export interface ClientsPaneOptions {
  readonly state: DashboardState;
  readonly clock: { nowMs(): number };
}

export class ClientsPane {
  readonly #options: ClientsPaneOptions;
  readonly #acts: ClientsPaneActs;

  constructor(options: ClientsPaneOptions, acts: ClientsPaneActs) {
    this.#options = options;
    this.#acts = acts;
  }

  open(): void {
    this.#options.state.overlay = { kind: 'clients', selectedId: undefined };
    this.#options.state.focus = 'overlay';
  }

  /** @returns false for what the list does as always */
  do(overlay: ClientsOverlay, act: KeyAct, pageRows: number): boolean {
    const rows = this.#options.state.clients.rows(this.#options.clock.nowMs());
    const selected = selectedIndex(rows, overlay);
    const half = Math.ceil(pageRows / 2);
    const steps: Partial<Record<KeyAct, number>> = {
      down: 1,
      up: -1,
      'page-down': pageRows,
      'page-up': -pageRows,
      'half-down': half,
      'half-up': -half,
      first: -rows.length,
      live: rows.length,
    };
    const by = steps[act];
    if (by !== undefined) {
      overlay.selectedId = rows[Math.max(0, Math.min(rows.length - 1, selected + by))]?.clientId;
      return true;
    }
    if (act === 'clients') this.#acts.close();
    else if (act === 'pane') this.#acts.openTickets();
    else if (act === 'detail' || act === 'client') {
      const chosen = rows[selected];
      if (chosen) this.#acts.filterClient(chosen.clientId);
    } else return !['close', 'quit', 'help', 'tickets'].includes(act);
    return true;
  }
}

/** -1 while there is none. */
export function selectedIndex(rows: readonly ClientRow[], { selectedId }: ClientsOverlay): number {
  const at = rows.findIndex(({ clientId }) => clientId === selectedId);
  return at === -1 ? Math.min(0, rows.length - 1) : at;
}
