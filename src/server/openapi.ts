/**
 * The HTTP interface as an OpenAPI 3.1 document, for GET /openapi.json. A test holds it against the routes there are.
 */
import { paths } from '../api/paths.ts';
import { LEVELS } from '../entry/level.ts';
import {
  AUTHOR_LENGTH_MAX,
  CONTEXT_ENTRIES_MAX,
  HISTOGRAM_BUCKETS_MAX,
  PAGE_ENTRIES_DEFAULT,
  PAGE_ENTRIES_MAX,
} from '../entry/limits.ts';
import { version } from '../system/version.ts';

type Json = Readonly<Record<string, unknown>>;

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Json): Json => ({ 'application/json': { schema } });
const object = (properties: Json, required: readonly string[] = []): Json => ({ type: 'object', properties, required });
const listOf = (items: Json): Json => ({ type: 'array', items });
const text: Json = { type: 'string' };
const flag: Json = { type: 'boolean' };
const count: Json = { type: 'integer', minimum: 0 };
const uuid: Json = { type: 'string', format: 'uuid' };
const moment: Json = { type: 'string', format: 'date-time' };

const parameter = (name: string, description: string, schema: Json = text): Json => ({
  name,
  in: 'query',
  description,
  schema,
});
const whole = (minimum: number, maximum: number, fallback: number): Json => ({
  type: 'integer',
  minimum,
  maximum,
  default: fallback,
});
const QUERY = parameter(
  'query',
  'The query language: words, "phrases", -not, OR, level>=warning, client:web-*, name:value, /regex/i',
);
const RANGE = [
  QUERY,
  parameter('since', 'Event time, inclusive: ISO 8601, epoch, 10m, 2h, 3d, today, yesterday'),
  parameter('until', 'Event time, exclusive, in the same forms'),
];
const LIMIT = parameter('limit', 'At most that many', whole(1, PAGE_ENTRIES_MAX, PAGE_ENTRIES_DEFAULT));
const ID: Json = { name: 'id', in: 'path', required: true, description: 'The id of an entry', schema: uuid };

/** What any route may answer besides its own. */
const TROUBLE: Json = {
  400: 'Malformed; a wrong query with its position',
  401: 'A token is needed',
  403: 'This token, Host or Origin may not',
  429: 'The client is over its rate; see Retry-After',
  503: 'Starting, stopping, overloaded or out of disk; see Retry-After',
};

function answers(good: Json, ...more: readonly (readonly [status: number, description: string])[]): Json {
  const troubles = [...Object.entries(TROUBLE), ...more].map(([status, description]) => [
    status,
    { description, content: json(ref('Error')) },
  ]);
  return { ...Object.fromEntries(troubles), ...good };
}

const ok = (description: string, content: Json): Json => ({ 200: { description, content } });
const body = (content: Json, required = true): Json => ({ requestBody: { required, content } });
const get = (
  summary: string,
  parameters: readonly Json[],
  good: Json,
  ...more: readonly (readonly [number, string])[]
): Json => ({
  get: { summary, parameters, responses: answers(good, ...more) },
});
const NOT_THERE = [404, 'There is no such entry'] as const;

function act(summary: string, properties: Json | undefined, isRequired = false): Json {
  return {
    post: {
      summary,
      parameters: [ID],
      ...(properties === undefined ? {} : body(json(object(properties)), isRequired)),
      responses: answers(ok('The state it has now', json(ref('StateAnswer'))), NOT_THERE),
    },
  };
}

const page = (summary: string): Json => ({
  get: { summary, responses: { 200: { description: 'The page', content: { 'text/html': {} } } } },
});

const DRAFT = object(
  {
    message: { ...text, minLength: 1 },
    level: { ...text, description: 'In any case, with the usual synonyms; else UNKNOWN' },
    client_id: { ...text, default: 'UNKNOWN_CLIENT' },
    timestamp: {
      type: ['string', 'number'],
      description: "The event's own time: ISO 8601 or epoch; default the time of receipt",
    },
    source: text,
    fields: { type: 'object', description: 'Nested objects are flattened with dots' },
  },
  ['message'],
);

const STATE = {
  uuid,
  is_pinned: flag,
  is_ticket: flag,
  is_deleted: flag,
  note: text,
  note_author: text,
  note_time: moment,
  ticket_status: { enum: ['open', 'closed'] },
  ticket_reopen: { ...flag, description: 'A closed ticket opens by itself when the same is said again' },
};

const TICKET = {
  ticket_status: STATE.ticket_status,
  ticket_opened: moment,
  ticket_closed: moment,
  ticket_reopen: STATE.ticket_reopen,
  ticket_history: {
    ...listOf(
      object(
        { event: { enum: ['opened', 'closed', 'reopened', 'recurred'] }, time: moment, author: text, entry: uuid },
        ['event', 'time'],
      ),
    ),
    description: 'Oldest first; recurred: opened by itself, for that entry',
  },
};

const AUTHOR = { ...text, maxLength: AUTHOR_LENGTH_MAX, description: 'Who does it, as the person calls themselves' };

const ENTRY = object(
  {
    uuid,
    timestamp_str: { ...text, description: 'YYYY-MM-DD HH:MM:SS,mmm in UTC' },
    timestamp: moment,
    log_level: { enum: LEVELS },
    client_id: text,
    message: text,
    source: text,
    fields: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
    is_pinned: flag,
    is_ticket: flag,
    is_deleted: flag,
    note: text,
    note_author: text,
    note_time: moment,
  },
  ['uuid', 'timestamp_str', 'timestamp', 'log_level', 'client_id', 'message', 'is_pinned', 'is_ticket', 'is_deleted'],
);

const AGENT = {
  version: text,
  host: text,
  clients: listOf(text),
  sources: listOf(object({ name: text, lag_bytes: count, lag_ms: count }, ['name'])),
  spool: object({ batches: count, lines: count, bytes: count, max_bytes: count, oldest_ms: count }),
  gaps: {
    ...object({ events: count, lines: count, unknown: count }),
    description: 'Losses since its state folder was made: how many, lines where known, events where not',
  },
};

export const openApi: Json = {
  openapi: '3.1.0',
  info: { title: 'logd', version, description: 'The logs of your machines in one place.' },
  components: {
    schemas: {
      Draft: DRAFT,
      Entry: ENTRY,
      Ticket: {
        allOf: [ref('Entry'), object(TICKET)],
      },
      AgentReport: object({ producer: text, ...AGENT }, ['producer', ...Object.keys(AGENT)]),
      Agent: object({
        ...AGENT,
        last_report: moment,
        silent_ms: count,
        lag_bytes: { type: ['integer', 'null'] },
        lag_ms: { ...count, description: 'For how long it has been behind, its spool included' },
        troubles: listOf({ enum: ['silent', 'lag', 'spool', 'gaps'] }),
        stopped: { const: true, description: 'It has ended as it should' },
      }),
      Counts: { type: 'object', properties: Object.fromEntries(LEVELS.map((level) => [level, count])) },
      State: object(STATE),
      StateAnswer: object({ status: { const: 'success' }, ...STATE }),
      Error: object({ error: { ...text, description: 'What is wrong and what to do' }, position: count }, ['error']),
    },
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        description: 'Off loopback: the ingest token to send, the view token for all else',
      },
      session: { type: 'apiKey', in: 'cookie', name: 'logd_session' },
    },
  },
  paths: {
    [paths.log]: {
      post: {
        summary: 'Takes one entry; answered when it is on disk',
        ...body(json(ref('Draft'))),
        responses: answers(
          { 201: { description: 'Stored', content: json(object({ status: { const: 'logged' }, id: uuid })) } },
          [413, 'Too large'],
          [415, 'Not JSON'],
        ),
      },
    },
    [paths.logs]: {
      post: {
        summary: 'Takes a batch, whole or not at all; bad lines are told and the good ones kept',
        parameters: [
          {
            name: 'Idempotency-Key',
            in: 'header',
            schema: text,
            description: '<producer>/<sequence>, rising: the batch is then stored once, however often it is sent',
          },
          {
            name: 'Logd-Agent',
            in: 'header',
            description:
              'What an agent tells of itself, ASCII of at most 2,048 bytes; ignored when it is wrong. An empty body carries it alone',
            content: json(ref('AgentReport')),
          },
          { name: 'Content-Encoding', in: 'header', schema: { enum: ['gzip', 'zstd', 'deflate', 'br'] } },
        ],
        ...body({ 'application/x-ndjson': { schema: ref('Draft') }, ...json(listOf(ref('Draft'))) }),
        responses: answers(
          ok(
            'Stored, or stored before',
            json(
              object({
                accepted: count,
                rejected: listOf(object({ line: { ...count, minimum: 1 }, error: text })),
                first_id: uuid,
                last_id: uuid,
                duplicate: flag,
              }),
            ),
          ),
          [409, 'The number was used for another body'],
          [413, 'Too large'],
          [415, 'Not a known type or encoding'],
        ),
      },
    },
    [paths.stream]: get(
      'Every entry live: unnamed events are entries, `state` changes of state, `gap` entries missed, `tick` the newest id',
      [
        QUERY,
        parameter('last_event_id', 'As the header Last-Event-ID: replays what came after it', uuid),
        parameter('batch', '1: an array of entries per event', { enum: ['1'] }),
      ],
      ok('Server-Sent Events', { 'text/event-stream': { schema: text } }),
    ),
    [paths.search]: get(
      'Finds entries, in the order of event time',
      [
        ...RANGE,
        LIMIT,
        parameter('cursor', 'Where the page before ended'),
        parameter('order', 'desc: newest first', { enum: ['desc', 'asc'], default: 'desc' }),
      ],
      ok('A page', json(object({ logs: listOf(ref('Entry')), cursor: { type: ['string', 'null'] }, partial: flag }))),
    ),
    [paths.newLogs]: get(
      'Entries stored after that one, oldest first',
      [parameter('since', 'The id of an entry', uuid), LIMIT],
      ok('The entries', json(object({ logs: listOf(ref('Entry')) }))),
    ),
    [paths.entry('{id}')]: get(
      'An entry, a deleted one too, with its context',
      [ID, parameter('context', 'Entries on either side', whole(0, CONTEXT_ENTRIES_MAX, 0))],
      ok('The entry', json(object({ log: ref('Entry'), before: listOf(ref('Entry')), after: listOf(ref('Entry')) }))),
      NOT_THERE,
    ),
    [paths.act('{id}', 'pin')]: act('Pins; without a body it toggles', { value: flag }),
    [paths.act('{id}', 'ticket')]: act('Makes a ticket, closes or opens it; without a body it toggles', {
      value: flag,
      status: STATE.ticket_status,
      reopen: STATE.ticket_reopen,
      author: AUTHOR,
    }),
    [paths.act('{id}', 'delete')]: act('Deletes; {"value":false} restores', { value: flag }),
    [paths.act('{id}', 'note')]: act(
      'Writes a note; an empty one takes it away',
      { note: text, author: AUTHOR, time: moment },
      true,
    ),
    [paths.changeStates]: {
      post: {
        summary: 'Changes many at once',
        ...body(
          json(
            object(
              {
                uuids: listOf(uuid),
                pin: flag,
                ticket: flag,
                delete: flag,
                status: STATE.ticket_status,
                ticket_opened: moment,
                ticket_closed: moment,
                reopen: STATE.ticket_reopen,
                author: AUTHOR,
              },
              ['uuids'],
            ),
          ),
        ),
        responses: answers(
          ok(
            'What they are now',
            json(object({ status: { const: 'success' }, changed: listOf(ref('State')), unknown: listOf(uuid) })),
          ),
        ),
      },
    },
    [paths.stats]: get('Counts by level of entries that are not deleted', RANGE, ok('The counts', json(ref('Counts')))),
    [paths.histogram]: get(
      'Counts by level over time',
      [...RANGE, parameter('buckets', 'Spans of equal length', whole(1, HISTOGRAM_BUCKETS_MAX, 60))],
      ok(
        'The counts',
        json(
          object({ buckets: listOf(object({ start: moment, counts: ref('Counts') })), until: moment, partial: flag }),
        ),
      ),
    ),
    [paths.clients]: get(
      'Who sent, when last, how much of what matches, and what the agents tell of themselves',
      RANGE,
      ok(
        'The clients',
        json(
          object({
            clients: listOf(
              object(
                {
                  client_id: text,
                  last_seen: moment,
                  total: count,
                  counts: ref('Counts'),
                  agent: ref('Agent'),
                  agents: { ...listOf(ref('Agent')), description: 'All of them, where several send for it' },
                },
                ['client_id', 'last_seen', 'total', 'counts'],
              ),
            ),
            agents: { ...listOf(ref('Agent')), description: 'Those of which a client has no entry yet' },
            partial: flag,
          }),
        ),
      ),
    ),
    [paths.tickets]: get(
      'Entries that are tickets',
      [parameter('status', 'Which', { enum: ['all', 'open', 'closed'], default: 'all' })],
      ok('The tickets', json(object({ tickets: listOf(ref('Ticket')) }))),
    ),
    [paths.health]: get('The process answers', [], ok('It does', json(object({ status: { const: 'ok' } })))),
    [paths.ready]: get('It takes logs', [], ok('It does', json(object({ status: { const: 'ready' } })))),
    [paths.metrics]: get('Figures for Prometheus', [], ok('The figures', { 'text/plain': { schema: text } })),
    [paths.openApi]: get('This document', [], ok('It', json({ type: 'object' }))),
    [paths.view]: page('The log, live'),
    [paths.ticketsPage]: page('The tickets, live'),
    [paths.clientsPage]: page('The clients and their agents, live'),
    [paths.signIn]: {
      ...page('Where a browser shows the view token'),
      post: {
        summary: 'Takes the view token and sets a cookie',
        ...body(json(object({ token: text }, ['token']))),
        responses: answers({ 204: { description: 'Signed in' } }),
      },
    },
  },
};
