/**
 * The tickets that are open over the list: loaded when they are shown, and again when a state changes.
 */
import type { ApiClient } from '../api/client.ts';
import { ApiError } from '../api/failure.ts';
import type { TicketJson } from '../api/types.ts';
import type { EntryJson } from '../entry/entry.ts';
import type { Act } from '../viewer/acts.ts';
import type { KeyAct } from '../viewer/keys.ts';
import type { DashboardState, Notice, TicketsOverlay } from './state.ts';

export interface TicketsPaneOptions {
  readonly client: ApiClient;
  readonly state: DashboardState;
  onChange(): void;
}

/** What the keys of the pane do outside it. */
export interface TicketsPaneActs {
  act(acts: readonly Act[]): void;
  askNote(entry: EntryJson): void;
  undo(): void;
  /** Shows one in full, in its place in the list where it is there. */
  show(entry: EntryJson): void;
  close(): void;
  say(text: string, kind: Notice['kind']): void;
}

export class TicketsPane {
  readonly #options: TicketsPaneOptions;
  readonly #acts: TicketsPaneActs;

  constructor(options: TicketsPaneOptions, acts: TicketsPaneActs) {
    this.#options = options;
    this.#acts = acts;
  }

  open(): void {
    const overlay: TicketsOverlay = { kind: 'tickets', tickets: undefined, failure: undefined, selected: 0 };
    this.#options.state.overlay = overlay;
    this.#options.state.focus = 'overlay';
    void this.load(overlay);
  }

  /** Open ones first, newest first within each. The selected one stays so. */
  async load(overlay: TicketsOverlay): Promise<void> {
    try {
      const { tickets } = await this.#options.client.tickets('all');
      const rank = (status: string) => (status === 'open' ? 0 : 1);
      const selectedId = overlay.tickets?.[overlay.selected]?.uuid;
      overlay.tickets = [...tickets].sort((a, b) => rank(a.ticket_status) - rank(b.ticket_status));
      overlay.failure = undefined;
      const at = overlay.tickets.findIndex(({ uuid }) => uuid === selectedId);
      overlay.selected = Math.max(0, Math.min(at === -1 ? overlay.selected : at, tickets.length - 1));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      overlay.failure = error.message;
    }
    this.#options.onChange();
  }

  /** @returns false for what the list does as always */
  do(overlay: TicketsOverlay, act: KeyAct): boolean {
    const { tickets } = overlay;
    const ticket = tickets?.[overlay.selected];
    const last = Math.max(0, (tickets?.length ?? 0) - 1);
    const by = { down: 1, up: -1, 'page-down': 5, 'page-up': -5, 'half-down': 3, 'half-up': -3 }[act as string];
    if (by !== undefined) overlay.selected = Math.max(0, Math.min(last, overlay.selected + by));
    else if (act === 'first') overlay.selected = 0;
    else if (act === 'live') overlay.selected = last;
    else if (act === 'tickets' || act === 'pane') this.#acts.close();
    else if (act === 'detail' && ticket) this.#acts.show(ticket);
    else if (act === 'ticket-status' && ticket) void this.#turnStatus(overlay, ticket);
    else if (act === 'ticket' && ticket) this.#acts.act([{ kind: 'ticket', id: ticket.uuid, value: false }]);
    else if (act === 'note' && ticket) this.#acts.askNote(ticket);
    else if (act === 'undo') this.#acts.undo();
    else return !['close', 'quit', 'help', 'clients'].includes(act);
    return true;
  }

  async #turnStatus(overlay: TicketsOverlay, { uuid, ticket_status }: TicketJson): Promise<void> {
    const isClosing = ticket_status === 'open';
    try {
      await this.#options.client.changeStates([uuid], { ticketStatus: isClosing ? 'closed' : 'open' });
      this.#acts.say(isClosing ? 'closed · x opens it again' : 'open again', 'good');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#acts.say(`not ${isClosing ? 'closed' : 'opened'}: ${error.message}`, 'bad');
    }
    await this.load(overlay);
  }
}
