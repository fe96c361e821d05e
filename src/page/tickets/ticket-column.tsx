/**
 * A column of tickets: what they say at a glance, and what can be done with all of them.
 */
import type { TicketJson } from '../../api/types.ts';
import { sanitize } from '../../viewer/sanitize.ts';
import { LevelTag, lines } from '../entry-parts.tsx';
import { showWhole } from '../figures.ts';
import { Icon } from '../icons.tsx';
import { Signature } from '../note.tsx';
import { zone } from '../preferences.ts';
import { showAgo, showTime } from '../time-shown.ts';
import type { TicketsModel } from './tickets-model.ts';

export interface ColumnProps {
  readonly title: 'Open' | 'Closed';
  readonly tickets: readonly TicketJson[];
  readonly model: TicketsModel;
  readonly nowMs: number;
}

export function Column({ title, tickets, model, nowMs }: ColumnProps) {
  const name = title.toLowerCase();
  const areAllChosen = tickets.length > 0 && tickets.every(({ uuid }) => model.checked.value.has(uuid));
  return (
    <section class={`column ${name}`} aria-label={title}>
      <header class="column-head">
        <label class="card-check" hidden={tickets.length === 0}>
          <input
            type="checkbox"
            checked={areAllChosen}
            aria-label={`Choose all ${name} tickets`}
            onChange={() => model.checkAll(tickets)}
          />
        </label>
        <h1>
          {title} <span class="badge">{showWhole(tickets.length)}</span>
        </h1>
        {tickets.length > 0 && (
          <button
            type="button"
            class="quiet"
            title={`Save the ${name} tickets as Markdown`}
            onClick={() => model.saveAsMarkdown(tickets, name)}
          >
            <Icon name="export" /> Markdown
          </button>
        )}
      </header>
      {model.tickets.value !== undefined && tickets.length === 0 && (
        <p class="column-empty">{emptyText(title, model.find.value !== '')}</p>
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

function emptyText(title: ColumnProps['title'], isSearched: boolean): string {
  if (isSearched) return `No ${title.toLowerCase()} ticket matches.`;
  return title === 'Open' ? 'No open ticket. On the view page, t makes a ticket of an entry.' : 'Nothing closed yet.';
}

interface CardProps {
  readonly ticket: TicketJson;
  readonly model: TicketsModel;
  readonly nowMs: number;
}

function Card({ ticket, model, nowMs }: CardProps) {
  const isChosen = model.checked.value.has(ticket.uuid);
  const last = ticket.ticket_history.at(-1);
  const since = last?.time ?? ticket.ticket_closed ?? ticket.ticket_opened;
  const word = last?.event === 'recurred' ? 'again ' : ticket.ticket_status === 'closed' ? 'closed ' : '';
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
        {ticket.ticket_reopen && (
          <span class="card-watch" title="Opens again when it happens again">
            <Icon name="again" />
          </span>
        )}
        <time
          class={`card-ago ${last?.event === 'recurred' ? 'card-again' : ''}`}
          title={showTime(Date.parse(since), zone.value, 'year')}
        >
          {word}
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
        {ticket.note !== undefined && (
          <span class="card-note">
            {lines(ticket.note)} <Signature entry={ticket} />
          </span>
        )}
      </button>
    </article>
  );
}
