/**
 * The ticket that is open: its entry in full, what happened to it, what else says the same, and what stood around it.
 */
import { useEffect, useRef } from 'preact/hooks';
import { paths } from '../../api/paths.ts';
import type { TicketEventJson, TicketJson } from '../../api/types.ts';
import { sanitize } from '../../viewer/sanitize.ts';
import { ALL, formatAddress } from '../address.ts';
import { copyText } from '../clipboard.ts';
import { Attributes, Context, LevelTag, Message } from '../entry-parts.tsx';
import { entryLine } from '../entry-text.ts';
import { plural } from '../figures.ts';
import { Icon } from '../icons.tsx';
import { Note } from '../note.tsx';
import { zone } from '../preferences.ts';
import { showAgo, showTime } from '../time-shown.ts';
import type { TicketDetail, TicketsModel } from './tickets-model.ts';

interface PaneProps {
  readonly model: TicketsModel;
  readonly nowMs: number;
}

export function TicketDetailPane({ model, nowMs }: PaneProps) {
  const detail = model.detail.value;
  const pane = useRef<HTMLElement>(null);
  const id = detail?.id;
  useEffect(() => {
    if (pane.current) pane.current.scrollTop = 0;
  }, [id]);
  if (!detail) return null;
  const ticket = model.ticket(detail.id);
  if (!ticket)
    return model.tickets.value === undefined ? null : <NoTicket onClose={() => model.openTicket(undefined)} />;
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
      <TicketActs model={model} ticket={ticket} />
      <Note entry={ticket} asked={model.noteAsked.value} onSave={(note) => model.saveNote(ticket.uuid, note)} />
      <Message text={ticket.message} />
      <Similar similar={detail.similar} />
      <label class="switch">
        <input
          type="checkbox"
          role="switch"
          aria-checked={ticket.ticket_reopen}
          checked={ticket.ticket_reopen}
          onChange={(event) => void model.setReopen(ticket, event.currentTarget.checked)}
        />
        <span>Reopen when it happens again</span>
      </label>
      <History ticket={ticket} nowMs={nowMs} />
      <Attributes entry={ticket} />
      <h2 class="detail-heading">
        Context
        <a class="button quiet" href={viewOf(ticket.uuid)}>
          <Icon name="around" /> Open in view
        </a>
      </h2>
      <Context
        entry={ticket}
        before={detail.before}
        after={detail.after}
        onOpen={(near) => {
          if (near !== ticket.uuid) location.assign(viewOf(near));
        }}
      />
    </aside>
  );
}

function NoTicket({ onClose }: { onClose(): void }) {
  return (
    <aside class="detail" aria-label="Ticket">
      <header class="detail-head">
        <span class="detail-client">Not a ticket</span>
        <button type="button" class="quiet" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <p class="detail-fault">This entry is no ticket, or no longer one.</p>
    </aside>
  );
}

function TicketActs({ model, ticket }: { readonly model: TicketsModel; readonly ticket: TicketJson }) {
  const isOpen = ticket.ticket_status === 'open';
  return (
    <div class="acts" role="toolbar" aria-label="What to do with this ticket">
      <button
        type="button"
        class="act primary"
        title={isOpen ? 'Close the ticket (x)' : 'Open the ticket again (x)'}
        onClick={() => void model.setStatus([ticket], isOpen ? 'closed' : 'open')}
      >
        <Icon name={isOpen ? 'check' : 'undo'} />
        <span>{isOpen ? 'Close ticket' : 'Reopen'}</span>
      </button>
      <button type="button" class="act" title="Note (a)" onClick={() => model.noteAsked.value++}>
        <Icon name="note" />
        <span>Note</span>
      </button>
      <button type="button" class="act" title="No longer a ticket (t)" onClick={() => model.toggle('ticket', [ticket])}>
        <Icon name="ticket" />
        <span>Untrack</span>
      </button>
      <span class="acts-gap" />
      <button
        type="button"
        class="act"
        aria-label="Delete"
        title="Delete (d)"
        onClick={() => model.toggle('delete', [ticket])}
      >
        <Icon name="trash" />
      </button>
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
  );
}

function Similar({ similar }: { readonly similar: TicketDetail['similar'] }) {
  if (similar === undefined) return null;
  if (similar.count === 0) return <p class="similar">Seen this once</p>;
  return (
    <p class="similar">
      <a href={`${paths.view}${formatAddress({ query: similar.query, range: ALL, entryId: undefined })}`}>
        Seen {plural(similar.count, 'more time')}
      </a>
      , whatever numbers stand in it
    </p>
  );
}

const EVENT_WORDS: Readonly<Record<TicketEventJson['event'], string>> = {
  opened: 'Opened',
  closed: 'Closed',
  reopened: 'Reopened',
  recurred: 'Happened again',
};

/** What was done to it, newest first. */
function History({ ticket, nowMs }: { readonly ticket: TicketJson; readonly nowMs: number }) {
  return (
    <ol class="history" aria-label="History">
      {[...ticket.ticket_history].reverse().map(({ event, time, author, entry }) => (
        <li key={`${time} ${event}`} class={`event-${event}`}>
          <span class="event-word">
            {entry === undefined ? EVENT_WORDS[event] : <a href={viewOf(entry)}>{EVENT_WORDS[event]}</a>}
            {author !== undefined && <b> {sanitize(author)}</b>}
          </span>
          <time title={`${showAgo(Date.parse(time), nowMs)}`}>
            {showTime(Date.parse(time), zone.value, 'year').slice(0, 16)}
          </time>
        </li>
      ))}
    </ol>
  );
}

function viewOf(id: string): string {
  return `${paths.view}${formatAddress({ query: '', range: ALL, entryId: id })}`;
}
