/**
 * The tickets, open ones first.
 */
import { sanitize } from '../../viewer/sanitize.ts';
import type { Canvas } from '../canvas.ts';
import { age, LEVEL_SHORT } from '../figures.ts';
import type { Glyphs } from '../glyphs.ts';
import { shownMessage } from '../message-cells.ts';
import type { TicketsOverlay } from '../state.ts';
import type { Attribute, Theme } from '../theme.ts';
import { paintFrame } from './frame.ts';

const ROWS_PER_TICKET = 2;

export function paintTickets(
  canvas: Canvas,
  overlay: TicketsOverlay,
  theme: Theme,
  glyphs: Glyphs,
  nowMs: number,
): void {
  const { tickets, failure, selected } = overlay;
  const open = tickets?.filter((ticket) => ticket.ticket_status === 'open').length ?? 0;
  const title = tickets === undefined ? 'Tickets' : `Tickets  ${open} open, ${tickets.length - open} closed`;
  const footer = 'Enter in full  x closes, reopens  a note  t no ticket  Tab list  Esc';
  const inside = paintFrame(canvas, { title, footer, isFocused: true }, theme, glyphs);
  if (failure !== undefined) inside.text(0, 1, sanitize(failure), theme.bad, { cut: glyphs.cut });
  else if (tickets === undefined) inside.text(0, 1, `loading${glyphs.dots}`, theme.dim);
  else if (tickets.length === 0) inside.text(0, 1, 'No tickets. t on an entry makes one.', theme.dim);
  else {
    const room = Math.max(1, Math.floor(inside.height / ROWS_PER_TICKET));
    const from = Math.max(0, Math.min(selected - Math.floor(room / 2), tickets.length - room));
    tickets.slice(from, from + room).forEach((ticket, index) => {
      const isSelected = from + index === selected;
      const row = inside.part(0, index * ROWS_PER_TICKET, inside.width, ROWS_PER_TICKET);
      const on = (attribute: Attribute) => (isSelected ? theme.selected(attribute) : attribute);
      if (isSelected) row.clear(theme.selected(theme.text));
      const isOpen = ticket.ticket_status === 'open';
      row.text(0, 0, isOpen ? glyphs.ticket : glyphs.dot, on(isOpen ? theme.caution : theme.dim));
      row.text(2, 0, LEVEL_SHORT[ticket.log_level], on(theme.level[ticket.log_level]));
      const clientEnd = row.text(6, 0, sanitize(ticket.client_id), on(theme.link), { width: 18, cut: glyphs.cut });
      row.text(clientEnd + 2, 0, shownMessage(ticket).text, on(isOpen ? theme.text : theme.dim), { cut: glyphs.cut });
      const opened = `opened ${age(nowMs - Date.parse(ticket.ticket_opened))}`;
      const since =
        ticket.ticket_closed === undefined ? opened : `closed ${age(nowMs - Date.parse(ticket.ticket_closed))}`;
      const sinceEnd = row.text(6, 1, since, on(theme.dim)) + 2;
      if (ticket.note !== undefined)
        row.text(sinceEnd, 1, `${glyphs.note} ${sanitize(ticket.note)}`, on(theme.text), { cut: glyphs.cut });
    });
  }
}
