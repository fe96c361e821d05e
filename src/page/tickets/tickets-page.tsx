/**
 * The tickets page: what people follow up, open beside closed, and the ticket that is open in full.
 */
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { paths } from '../../api/paths.ts';
import { actOfKey, keyNameFromDom } from '../../viewer/keys.ts';
import { copyText } from '../clipboard.ts';
import { entryLine } from '../entry-text.ts';
import { showWhole } from '../figures.ts';
import { FindBox } from '../find-box.tsx';
import { Icon } from '../icons.tsx';
import { type TicketOrder, ticketOrder } from '../preferences.ts';
import { Toasts } from '../toasts.tsx';
import { ConnectionShown, TopBar } from '../top-bar.tsx';
import { useHelp } from '../use-help.tsx';
import { Column } from './ticket-column.tsx';
import { TicketDetailPane } from './ticket-detail.tsx';
import { TicketsModel } from './tickets-model.ts';

/** "4 min ago" is told anew this often. */
const AGO_TOLD_MS = 30_000;

export function showTickets(host: HTMLElement): void {
  const model = new TicketsModel();
  model.start();
  render(<TicketsPage model={model} />, host);
}

function TicketsPage({ model }: { readonly model: TicketsModel }) {
  const help = useHelp();
  const nowMs = useNow();
  const { open, closed } = model;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => onTicketKey(event, model, () => help.show());
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [model]);
  useEffect(() => {
    document.title = open.value.length > 0 ? `Tickets (${open.value.length}) · logd` : 'Tickets · logd';
  }, [open.value.length]);

  return (
    <div class={`page tickets ${model.detail.value ? 'with-detail' : ''}`}>
      <TopBar current="tickets" openTickets={open.value.length} onHelp={() => help.show()}>
        <FindBox text={model.find} label="Find a ticket" />
        <label class="order">
          <span class="visually-hidden">Order</span>
          <select
            value={ticketOrder.value}
            onChange={(event) => {
              ticketOrder.value = event.currentTarget.value as TicketOrder;
            }}
          >
            <option value="newest">Newest first</option>
            <option value="oldest">Oldest first</option>
            <option value="worst">Worst first</option>
          </select>
        </label>
        <ConnectionShown connection={model.connection.value} word="Live" isPaused={false} onClick={() => {}} />
      </TopBar>
      <div class="body">
        <main class="columns">
          {model.fault.value !== undefined && (
            <p class="detail-fault" role="alert">
              The tickets cannot be shown: {model.fault.value}
            </p>
          )}
          <Column title="Open" tickets={open.value} model={model} nowMs={nowMs} />
          <Column title="Closed" tickets={closed.value} model={model} nowMs={nowMs} />
        </main>
        <TicketDetailPane model={model} nowMs={nowMs} />
      </div>
      <ChosenTickets model={model} />
      <Toasts />
      {help.shown}
    </div>
  );
}

function ChosenTickets({ model }: { readonly model: TicketsModel }) {
  const chosen = model.checked.value.size === 0 ? [] : model.subjects();
  if (chosen.length === 0) return null;
  return (
    <div class="chosen" role="toolbar" aria-label="What to do with the chosen tickets">
      <span class="chosen-count">{showWhole(chosen.length)} selected</span>
      {chosen.some((ticket) => ticket.ticket_status === 'open') && (
        <button type="button" onClick={() => void model.setStatus(chosen, 'closed')}>
          <Icon name="check" /> Close
        </button>
      )}
      {chosen.some((ticket) => ticket.ticket_status === 'closed') && (
        <button type="button" onClick={() => void model.setStatus(chosen, 'open')}>
          <Icon name="undo" /> Reopen
        </button>
      )}
      <button type="button" onClick={() => model.toggle('ticket', chosen)}>
        <Icon name="ticket" /> Untrack
      </button>
      <button type="button" onClick={() => model.copyAsMarkdown(chosen)}>
        <Icon name="copy" /> Markdown
      </button>
      <button type="button" onClick={() => model.toggle('delete', chosen)}>
        <Icon name="trash" /> Delete
      </button>
      <button type="button" class="quiet" aria-label="Choose none" onClick={() => model.clearChecked()}>
        <Icon name="close" />
      </button>
    </div>
  );
}

function onTicketKey(event: KeyboardEvent, model: TicketsModel, showHelp: () => void): void {
  const { target } = event;
  const isField =
    target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== 'checkbox');
  if (isField || document.querySelector('dialog[open]')) return;
  const name = keyNameFromDom(event);
  const act = name === undefined ? undefined : actOfKey(name, 'page');
  const run = act === undefined ? undefined : TICKET_ACTS[act];
  if (act === 'help') showHelp();
  else if (run) run(model);
  else return;
  event.preventDefault();
}

/** The keys that mean something here; the others are the browser's. */
const TICKET_ACTS: Partial<Record<NonNullable<ReturnType<typeof actOfKey>>, (model: TicketsModel) => void>> = {
  down: (model) => model.move(1),
  up: (model) => model.move(-1),
  search: () => document.querySelector<HTMLInputElement>('#search')?.focus(),
  filter: () => document.querySelector<HTMLInputElement>('#search')?.focus(),
  close: (model) => (model.checked.value.size > 0 ? model.clearChecked() : model.openTicket(undefined)),
  pin: (model) => model.toggle('pin', model.subjects()),
  ticket: (model) => model.toggle('ticket', model.subjects()),
  'ticket-status': (model) => model.toggleStatus(),
  delete: (model) => model.toggle('delete', model.subjects()),
  note: (model) => {
    if (model.detail.value) model.noteAsked.value++;
  },
  undo: (model) => void model.triage.undo(),
  copy: (model) => {
    const [ticket] = model.subjects();
    if (ticket) void copyText(entryLine(ticket), 'Entry');
  },
  tickets: () => location.assign(paths.view),
  clients: () => location.assign(paths.clientsPage),
};

function useNow(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNowMs(Date.now()), AGO_TOLD_MS);
    return () => window.clearInterval(timer);
  }, []);
  return nowMs;
}
