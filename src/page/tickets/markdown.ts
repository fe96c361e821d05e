/**
 * Tickets as Markdown, for a report or an issue elsewhere. What entries say stands in code, where it is not markup.
 */
import type { TicketJson } from '../../api/types.ts';

export function ticketsAsMarkdown(tickets: readonly TicketJson[], linkOf: (id: string) => string): string {
  return tickets.map((ticket) => ticketAsMarkdown(ticket, linkOf(ticket.uuid))).join('\n');
}

function ticketAsMarkdown(ticket: TicketJson, link: string): string {
  const isClosed = ticket.ticket_status === 'closed';
  const facts = [
    `- [${isClosed ? 'x' : ' '}] **${ticket.log_level}** ${code(ticket.client_id)} ${ticket.timestamp_str} UTC ([entry](${link}))`,
    ...(ticket.note === undefined ? [] : [quote(ticket.note)]),
  ];
  return `${facts.join('\n')}\n\n${fenced(ticket.message)}\n`;
}

function code(text: string): string {
  const ticks = '`'.repeat(longestRun(text) + 1);
  return `${ticks} ${text.replaceAll('\n', ' ')} ${ticks}`;
}

function quote(text: string): string {
  return `\n${text
    .split('\n')
    .map((line) => `  > ${line}`)
    .join('\n')}`;
}

/** The fence is longer than any run of backticks inside. */
function fenced(text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  const lines = text.split('\n').map((line) => `  ${line}`);
  return `  ${fence}\n${lines.join('\n')}\n  ${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
