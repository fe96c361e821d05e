/**
 * The tickets that are open over the list: loaded when they are shown, and again when a state changes.
 */
import type { ApiClient } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import type { DashboardState, TicketsOverlay } from './state.ts';

export interface TicketsPaneOptions {
  readonly client: ApiClient;
  readonly state: DashboardState;
  onChange(): void;
}

export class TicketsPane {
  readonly #options: TicketsPaneOptions;

  constructor(options: TicketsPaneOptions) {
    this.#options = options;
  }

  open(): void {
    const overlay: TicketsOverlay = { kind: 'tickets', tickets: undefined, failure: undefined, selected: 0 };
    this.#options.state.overlay = overlay;
    this.#options.state.focus = 'overlay';
    void this.load(overlay);
  }

  /** Open ones first, newest first within each. */
  async load(overlay: TicketsOverlay): Promise<void> {
    try {
      const { tickets } = await this.#options.client.tickets('all');
      const rank = (status: string) => (status === 'open' ? 0 : 1);
      overlay.tickets = [...tickets].sort((a, b) => rank(a.ticket_status) - rank(b.ticket_status));
      overlay.failure = undefined;
      overlay.selected = Math.max(0, Math.min(overlay.selected, tickets.length - 1));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      overlay.failure = error.message;
    }
    this.#options.onChange();
  }
}
