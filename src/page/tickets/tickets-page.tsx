/**
 * The tickets page: what people follow up, open beside closed, and the ticket that is open in full.
 */
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { paths } from '../../api/paths.ts';
import type { TicketJson } from '../../api/types.ts';
import { actOfKey, keyNameFromDom } from '../../viewer/keys.ts';
import { sanitize } from '../../viewer/sanitize.ts';
import { ALL, formatAddress } from '../address.ts';
import { copyText } from '../clipboard.ts';
import { Attributes, Context, LevelTag, lines, Message, Note } from '../entry-parts.tsx';
import { entryLine } from '../entry-text.ts';
import { plural, showWhole } from '../figures.ts';
import { Icon } from '../icons.tsx';
import { zone } from '../preferences.ts';
import { showAgo, showTime } from '../time-shown.ts';
import { Toasts } from '../toasts.tsx';
import { ConnectionShown, TopBar } from '../top-bar.tsx';
import { useHelp } from '../use-help.tsx';
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
        <search class="search">
          <Icon name="search" />
          <input
            id="search"
            type="text"
            placeholder="Find a ticket"
            aria-label="Find a ticket"
            autocomplete="off"
            spellcheck={false}
            value={model.find.value}
            onInput={(event) => {
              model.find.value = event.currentTarget.value;
            }}
            onKeyDown={(event) => {
              if (event.key === 'Escape') event.currentTarget.blur();
            }}
          />
          <kbd>/</kbd>
        </search>
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

interface ColumnProps {
  readonly title: 'Open' | 'Closed';
  readonly tickets: readonly TicketJson[];
  readonly model: TicketsModel;
  readonly nowMs: number;
}

function Column({ title, tickets, model, nowMs }: ColumnProps) {
  return (
    <section class={`column ${title.toLowerCase()}`} aria-label={title}>
      <h1>
        {title} <span class="badge">{showWhole(tickets.length)}</span>
      </h1>
      {model.tickets.value !== undefined && tickets.length === 0 && (
        <p class="column-empty">
          {title === 'Open'
            ? model.find.value === ''
              ? 'No open ticket. On the view page, t makes a ticket of an entry.'
              : 'No open ticket matches.'
            : 'Nothing closed yet.'}
        </p>
      )}
      <ul>
        {tickets.map((ticket) => (
          <li key={ticket.uuid}>
            <Card ticket={ticket} model={model} nowMs={nowMs} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Card({
  ticket,
  model,
  nowMs,
}: {
  readonly ticket: TicketJson;
  readonly model: TicketsModel;
  readonly nowMs: number;
}) {
  const isChosen = model.checked.value.has(ticket.uuid);
  const isOpen = ticket.ticket_status === 'open';
  const since = isOpen ? ticket.ticket_opened : (ticket.ticket_closed ?? ticket.ticket_opened);
  return (
    <article
      class={`card level-${ticket.log_level.toLowerCase()} ${isChosen ? 'chosen-card' : ''}`}
      data-id={ticket.uuid}
    >
      <header>
        <label class="card-check">
          <input
            type="checkbox"
            checked={isChosen}
            aria-label="Choose this ticket"
            onChange={() => model.check(ticket.uuid)}
          />
        </label>
        <LevelTag level={ticket.log_level} />
        <span class="card-client">{sanitize(ticket.client_id)}</span>
        <time class="card-ago" title={showTime(Date.parse(since), zone.value, 'year')}>
          {isOpen ? '' : 'closed '}
          {showAgo(Date.parse(since), nowMs)}
        </time>
      </header>
      <button
        type="button"
        class="card-open"
        aria-current={model.detail.value?.id === ticket.uuid ? 'true' : undefined}
        onClick={() => model.openTicket(ticket.uuid)}
      >
        <span class="card-message">{sanitize(ticket.message.slice(0, 600))}</span>
        {ticket.note !== undefined && <span class="card-note">{lines(ticket.note)}</span>}
      </button>
    </article>
  );
}

function TicketDetailPane({ model, nowMs }: { readonly model: TicketsModel; readonly nowMs: number }) {
  const detail = model.detail.value;
  const pane = useRef<HTMLElement>(null);
  const id = detail?.id;
  useEffect(() => {
    if (pane.current) pane.current.scrollTop = 0;
  }, [id]);
  if (!detail) return null;
  const ticket = model.ticket(detail.id);
  if (!ticket) {
    return model.tickets.value === undefined ? null : (
      <aside class="detail" aria-label="Ticket">
        <header class="detail-head">
          <span class="detail-client">Not a ticket</span>
          <button type="button" class="quiet" aria-label="Close" onClick={() => model.openTicket(undefined)}>
            <Icon name="close" />
          </button>
        </header>
        <p class="detail-fault">This entry is no ticket, or no longer one.</p>
      </aside>
    );
  }
  const isOpen = ticket.ticket_status === 'open';
  return (
    <aside class="detail" ref={pane} aria-label="Ticket" data-id={ticket.uuid}>
      <header class="detail-head">
        <LevelTag level={ticket.log_level} />
        <span class="detail-client">{sanitize(ticket.client_id)}</span>
        <time class="detail-time">{showTime(Date.parse(ticket.timestamp), zone.value, 'year')}</time>
        <button
          type="button"
          class="quiet"
          aria-label="Close the pane"
          title="Close (Esc)"
          onClick={() => model.openTicket(undefined)}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="acts" role="toolbar" aria-label="What to do with this ticket">
        <button
          type="button"
          class="act primary"
          onClick={() => void model.setStatus([ticket], isOpen ? 'closed' : 'open')}
        >
          <Icon name={isOpen ? 'check' : 'undo'} />
          <span>{isOpen ? 'Close ticket' : 'Reopen'}</span>
        </button>
        <button type="button" class="act" title="Note (a)" onClick={() => model.noteAsked.value++}>
          <Icon name="note" />
          <span>Note</span>
        </button>
        <button
          type="button"
          class="act"
          title="No longer a ticket (t)"
          onClick={() => model.toggle('ticket', [ticket])}
        >
          <Icon name="ticket" />
          <span>Untrack</span>
        </button>
        <button type="button" class="act" title="Delete (d)" onClick={() => model.toggle('delete', [ticket])}>
          <Icon name="trash" />
          <span>Delete</span>
        </button>
        <span class="acts-gap" />
        <button
          type="button"
          class="act"
          aria-label="Copy"
          title="Copy (y)"
          onClick={() => void copyText(entryLine(ticket), 'Entry')}
        >
          <Icon name="copy" />
        </button>
        <button
          type="button"
          class="act"
          aria-label="Copy the link"
          title="Copy the link"
          onClick={() => void copyText(model.permalink(ticket.uuid), 'Link')}
        >
          <Icon name="link" />
        </button>
      </div>
      <p class="ticket-history">
        Opened {showTime(Date.parse(ticket.ticket_opened), zone.value, 'year')}
        {` (${showAgo(Date.parse(ticket.ticket_opened), nowMs)})`}
        {ticket.ticket_closed !== undefined &&
          `, closed ${showTime(Date.parse(ticket.ticket_closed), zone.value, 'year')}`}
      </p>
      {detail.similar !== undefined && detail.similar.count > 0 && (
        <p class="ticket-history">
          <a href={`${paths.view}${formatAddress({ query: detail.similar.query, range: ALL, entryId: undefined })}`}>
            Seen {plural(detail.similar.count, 'more time')}
          </a>{' '}
          with other numbers in it
        </p>
      )}
      <Note entry={ticket} asked={model.noteAsked.value} onSave={(note) => model.saveNote(ticket.uuid, note)} />
      <Message text={ticket.message} />
      <Attributes entry={ticket} />
      <h2 class="detail-heading">
        Context
        <a class="button quiet" href={`${paths.view}${formatAddress({ query: '', range: ALL, entryId: ticket.uuid })}`}>
          <Icon name="around" /> Open in view
        </a>
      </h2>
      <Context
        entry={ticket}
        before={detail.before}
        after={detail.after}
        onOpen={(near) => {
          if (near !== ticket.uuid) {
            location.assign(`${paths.view}${formatAddress({ query: '', range: ALL, entryId: near })}`);
          }
        }}
      />
    </aside>
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
