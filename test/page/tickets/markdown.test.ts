/** Tickets as Markdown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TicketJson } from '../../../src/api/types.ts';
import { entryToJson } from '../../../src/entry/entry.ts';
import { ticketsAsMarkdown } from '../../../src/page/tickets/markdown.ts';

test('markdown: a ticket is a task with its entry in code, where nothing of it is markup', () => {
  const ticket: TicketJson = {
    ...entryToJson({
      id: '01939b1e-5a2b-7000-8000-0123456789ab',
      timeMs: Date.UTC(2026, 10, 23, 3, 14, 53, 698),
      level: 'ERROR',
      clientId: 'api`1',
      message: 'a ```js fence\nline',
    }),
    note: 'asked ops',
    ticket_status: 'open',
    ticket_opened: '2026-11-23T03:20:00.000Z',
    ticket_reopen: false,
    ticket_history: [],
  };
  assert.equal(
    ticketsAsMarkdown([ticket], (id) => `http://host/tickets?entry=${id}`),
    [
      '- [ ] **ERROR** `` api`1 `` 2026-11-23 03:14:53,698 UTC ([entry](http://host/tickets?entry=01939b1e-5a2b-7000-8000-0123456789ab))',
      '',
      '  > asked ops',
      '',
      '  ````',
      '  a ```js fence',
      '  line',
      '  ````',
      '',
    ].join('\n'),
  );
});
