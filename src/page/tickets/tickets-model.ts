/**
 * What the tickets page holds and can do, without drawing: the tickets, live; which one is open; closing and opening
 * one or many.
 */
import { computed, signal } from '@preact/signals';
import { paths } from '../../api/paths.ts';
import type { EntryBody, StateBody, StateEvent, TicketJson, TicketsBody } from '../../api/types.ts';
import type { EntryJson } from '../../entry/entry.ts';
import { isId } from '../../entry/id.ts';
import { LEVELS, type LevelCounts, levelRank } from '../../entry/level.ts';
import { similarQuery } from '../../entry/similar.ts';
import type { TicketStatus } from '../../entry/state.ts';
import { type EntryStateJson, inState } from '../../viewer/acts.ts';
import type { Connection } from '../../viewer/connection.ts';
import { authorOf } from '../author.ts';
import { copyText } from '../clipboard.ts';
import { plural } from '../figures.ts';
import { LiveLine } from '../line/live-line.ts';
import { type TicketOrder, ticketOrder } from '../preferences.ts';
import { type Answer, get, post } from '../request.ts';
import { saveFile } from '../save-file.ts';
import { sayDone, sayWrong } from '../toasts.tsx';
import { Triage } from '../triage.ts';
import { ticketsAsMarkdown } from './markdown.ts';

export interface TicketDetail {
  readonly id: string;
  readonly before: readonly EntryJson[] | undefined;
  readonly after: readonly EntryJson[] | undefined;
  /** What else says the same: how often, and the query that finds it. */
  readonly similar: { readonly count: number; readonly query: string } | undefined;
}

const CONTEXT_ENTRIES = 10;
/** Many changes at once ask for the list once. */
const RELOAD_MS = 150;

/** Of a ticket: when it became what it is. */
function sinceOf({ ticket_status, ticket_opened, ticket_closed, ticket_history }: TicketJson): string {
  if (ticket_status === 'closed') return ticket_closed ?? ticket_opened;
  return ticket_history.at(-1)?.time ?? ticket_opened;
}

const ORDERS: Readonly<Record<TicketOrder, (a: TicketJson, b: TicketJson) => number>> = {
  newest: (a, b) => (sinceOf(a) < sinceOf(b) ? 1 : -1),
  oldest: (a, b) => (sinceOf(a) < sinceOf(b) ? -1 : 1),
  worst: (a, b) => levelRank(b.log_level) - levelRank(a.log_level) || ORDERS.newest(a, b),
};

export class TicketsModel {
  readonly tickets = signal<readonly TicketJson[] | undefined>(undefined);
  readonly fault = signal<string | undefined>(undefined);
  readonly connection = signal<Connection>({ kind: 'connecting' });
  readonly find = signal('');
  readonly detail = signal<TicketDetail | undefined>(undefined);
  readonly checked = signal<ReadonlySet<string>>(new Set());
  readonly noteAsked = signal(0);
  readonly triage: Triage;
  readonly open = computed(() => this.#shown('open').sort(ORDERS[ticketOrder.value]));
  readonly closed = computed(() => this.#shown('closed').sort(ORDERS[ticketOrder.value]));
  #line: LiveLine | undefined;
  #reloadTimer: number | undefined;
  /** Tickets whose status this page is changing: what the stream says about them is older. */
  readonly #underWay = new Set<string>();
  #loadNumber = 0;
  /** States told while the list is on its way: its answer may be older. Undefined: no list is. */
  #toldMeanwhile: Map<string, EntryStateJson> | undefined;

  constructor() {
    this.triage = new Triage([
      {
        entry: (id) => this.ticket(id),
        applyState: (state) => this.#applyState(state),
      },
    ]);
  }

  start(): void {
    window.addEventListener('popstate', () => this.#show(idInAddress()));
    // No entry is a ticket when it arrives.
    this.#line = new LiveLine({
      query: undefined,
      listener: {
        onEntries: () => this.#reloadSoon(),
        onState: (state) => this.#onState(state),
        onGap: () => this.#reloadSoon(),
        onConnection: (connection) => {
          this.connection.value = connection;
          if (connection.kind === 'live') this.#reloadSoon();
        },
        // The tickets are read anew with every opening of the line.
        onLongAway: () => {},
        onPosition: () => {},
      },
    });
    void this.#load();
    this.#show(idInAddress());
  }

  close(): void {
    this.#line?.close();
    window.clearTimeout(this.#reloadTimer);
  }

  ticket(id: string): TicketJson | undefined {
    return this.tickets.value?.find((ticket) => ticket.uuid === id);
  }

  openTicket(id: string | undefined): void {
    if (id === this.detail.value?.id) return;
    const url = id === undefined ? location.pathname : `${location.pathname}?entry=${id}`;
    if (this.detail.value && id !== undefined) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    this.#show(id);
  }

  permalink(id: string): string {
    return `${location.origin}${paths.ticketsPage}?entry=${id}`;
  }

  /** Chosen tickets, or the open one. */
  subjects(): readonly TicketJson[] {
    const ids = this.checked.value.size > 0 ? [...this.checked.value] : [this.detail.value?.id];
    return ids.map((id) => (id === undefined ? undefined : this.ticket(id))).filter((ticket) => ticket !== undefined);
  }

  copyAsMarkdown(tickets: readonly TicketJson[]): void {
    const text = ticketsAsMarkdown(tickets, (id) => this.permalink(id));
    void copyText(text, `${plural(tickets.length, 'ticket')} as Markdown`);
  }

  check(id: string): void {
    const next = new Set(this.checked.value);
    if (!next.delete(id)) next.add(id);
    this.checked.value = next;
  }

  clearChecked(): void {
    this.checked.value = new Set();
  }

  /** Shown at once; back as it was when the server refuses. */
  async setStatus(tickets: readonly TicketJson[], status: TicketStatus): Promise<void> {
    const changed = tickets.filter((ticket) => ticket.ticket_status !== status);
    if (changed.length === 0) return;
    const ids = changed.map((ticket) => ticket.uuid);
    for (const id of ids) this.#underWay.add(id);
    const nowIso = new Date().toISOString();
    this.#replace(changed.map((ticket) => withStatus(ticket, status, nowIso)));
    this.clearChecked();
    const answer = await sendStatus(ids, status);
    for (const id of ids) this.#underWay.delete(id);
    if (!answer.ok) {
      this.#replace(changed);
      sayWrong(`Not ${status === 'closed' ? 'closed' : 'reopened'}: ${answer.message}`);
      return;
    }
    this.#reloadSoon();
    const back = status === 'closed' ? 'open' : 'closed';
    sayDone(`${plural(ids.length, 'ticket')} ${status === 'closed' ? 'closed' : 'reopened'}`, {
      word: 'Undo',
      run: () => {
        const again = ids.map((id) => this.ticket(id)).filter((ticket) => ticket !== undefined);
        void this.setStatus(again, back);
      },
    });
  }

  /** Closes those that are chosen when any is open, else opens them. */
  toggleStatus(): void {
    const tickets = this.subjects();
    const isAnyOpen = tickets.some((ticket) => ticket.ticket_status === 'open');
    void this.setStatus(tickets, isAnyOpen ? 'closed' : 'open');
  }

  /** Whether a closed ticket opens by itself when the same is said again. */
  async setReopen(ticket: TicketJson, reopen: boolean): Promise<void> {
    this.#replace([{ ...ticket, ticket_reopen: reopen }]);
    const answer = await post<StateBody>(paths.act(ticket.uuid, 'ticket'), { reopen, author: authorOf() });
    if (answer.ok) return;
    this.#replace([ticket]);
    sayWrong(`Not switched: ${answer.message}`);
  }

  /** Chooses all of a column, or none of it when all are chosen. */
  checkAll(tickets: readonly TicketJson[]): void {
    const next = new Set(this.checked.value);
    const areAll = tickets.every(({ uuid }) => next.has(uuid));
    for (const { uuid } of tickets) {
      if (areAll) next.delete(uuid);
      else next.add(uuid);
    }
    this.checked.value = next;
  }

  saveAsMarkdown(tickets: readonly TicketJson[], name: string): void {
    const text = ticketsAsMarkdown(tickets, (id) => this.permalink(id));
    saveFile(new Blob([text], { type: 'text/markdown' }), `logd-${name}-tickets.md`);
    sayDone(`${plural(tickets.length, 'ticket')} saved as Markdown`);
  }

  toggle(kind: 'pin' | 'ticket' | 'delete', tickets: readonly TicketJson[]): void {
    if (tickets.length === 0) return;
    const value = kind === 'delete' ? true : kind === 'ticket' ? false : tickets.some((ticket) => !ticket.is_pinned);
    this.clearChecked();
    void this.triage.act(tickets.map((ticket) => ({ kind, id: ticket.uuid, value })));
  }

  saveNote(id: string, note: string): void {
    if ((this.ticket(id)?.note ?? '') !== note) void this.triage.act([{ kind: 'note', id, note, author: authorOf() }]);
  }

  /** The neighbour of the open ticket in its column, in reading order. */
  move(by: 1 | -1): void {
    const all = [...this.open.value, ...this.closed.value];
    const at = all.findIndex((ticket) => ticket.uuid === this.detail.value?.id);
    const next = all[at === -1 ? (by === 1 ? 0 : all.length - 1) : at + by];
    if (next) this.openTicket(next.uuid);
  }

  #shown(status: TicketStatus): TicketJson[] {
    const find = this.find.value.trim().toLowerCase();
    return (this.tickets.value ?? []).filter(
      (ticket) =>
        ticket.ticket_status === status &&
        ticket.is_ticket &&
        !ticket.is_deleted &&
        (find === '' ||
          `${ticket.message}\n${ticket.client_id}\n${ticket.note ?? ''}\n${ticket.log_level}`
            .toLowerCase()
            .includes(find)),
    );
  }

  #onState(state: StateEvent): void {
    if (this.#underWay.has(state.uuid)) return;
    const known = this.ticket(state.uuid);
    const isTicket = state.is_ticket && !state.is_deleted;
    this.triage.onState(state);
    if (!isTicket) return;
    const isSame =
      state.ticket_status === known?.ticket_status && (state.ticket_reopen ?? false) === known?.ticket_reopen;
    if (!known || !isSame) this.#reloadSoon();
  }

  /** A ticket that is none any more stays held, so that its act can be taken back; it is only not shown. */
  #applyState(state: EntryStateJson): void {
    this.#toldMeanwhile?.set(state.uuid, state);
    const known = this.ticket(state.uuid);
    if (!known) return;
    const next = inState(known, state);
    if (next !== known) this.#replace([inTicket(known, next)]);
  }

  #replace(changed: readonly TicketJson[]): void {
    const byId = new Map(changed.map((ticket) => [ticket.uuid, ticket]));
    this.tickets.value = (this.tickets.value ?? []).map((ticket) => byId.get(ticket.uuid) ?? ticket);
  }

  #reloadSoon(): void {
    window.clearTimeout(this.#reloadTimer);
    this.#reloadTimer = window.setTimeout(() => void this.#load(), RELOAD_MS);
  }

  async #load(): Promise<void> {
    const number = ++this.#loadNumber;
    const told = new Map<string, EntryStateJson>();
    this.#toldMeanwhile = told;
    const answer = await get<TicketsBody>(paths.tickets, { parameters: { status: 'all' } });
    if (number !== this.#loadNumber) return;
    this.#toldMeanwhile = undefined;
    if (!answer.ok) {
      this.fault.value = answer.message;
      return;
    }
    this.fault.value = undefined;
    const loaded = new Map(answer.body.tickets.map((ticket) => [ticket.uuid, ticket]));
    for (const ticket of this.tickets.value ?? []) if (this.#underWay.has(ticket.uuid)) loaded.set(ticket.uuid, ticket);
    this.tickets.value = [...loaded.values()];
    for (const state of told.values()) this.#applyState(state);
  }

  #show(id: string | undefined): void {
    this.noteAsked.value = 0;
    if (id === undefined) {
      this.detail.value = undefined;
      return;
    }
    this.detail.value = { id, before: undefined, after: undefined, similar: undefined };
    void this.#loadContext(id);
  }

  async #loadContext(id: string): Promise<void> {
    const answer = await get<EntryBody>(paths.entry(id), { parameters: { context: CONTEXT_ENTRIES } });
    if (this.detail.value?.id !== id) return;
    const { log, before = [], after = [] } = answer.ok ? answer.body : {};
    this.detail.value = { ...this.detail.value, before, after };
    const query = log && similarQuery(log.message);
    if (query === undefined) return;
    const counted = await get<LevelCounts>(paths.stats, { parameters: { query } });
    if (!counted.ok || this.detail.value?.id !== id) return;
    const count = LEVELS.reduce((sum, level) => sum + counted.body[level], 0) - 1;
    this.detail.value = { ...this.detail.value, similar: { count, query } };
  }
}

function idInAddress(): string | undefined {
  const id = (new URLSearchParams(location.search).get('entry') ?? '').toLowerCase();
  return isId(id) ? id : undefined;
}

function withStatus(ticket: TicketJson, status: TicketStatus, nowIso: string): TicketJson {
  const { ticket_closed: _, ...rest } = ticket;
  return status === 'closed'
    ? { ...rest, ticket_status: status, ticket_closed: nowIso }
    : { ...rest, ticket_status: status };
}

/** The ticket with its entry in another state. */
function inTicket(ticket: TicketJson, entry: EntryJson): TicketJson {
  const { note: _note, note_author: _author, note_time: _time, ...rest } = ticket;
  return { ...rest, ...entry };
}

async function sendStatus(ids: readonly string[], status: TicketStatus): Promise<Answer<unknown>> {
  const only = ids.length === 1 ? ids[0] : undefined;
  return only === undefined
    ? post<unknown>(paths.changeStates, { uuids: ids, status, author: authorOf() })
    : post<StateBody>(paths.act(only, 'ticket'), { status, author: authorOf() });
}
