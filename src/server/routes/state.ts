/** POST /api/logs/<uuid>/pin, /ticket, /delete, /note and POST /api/logs/state: triage. */
import type { FastifyInstance } from 'fastify';
import { paths } from '../../api/paths.ts';
import type { StateBody } from '../../api/types.ts';
import { AUTHOR_LENGTH_MAX, NOTE_LENGTH_MAX, STATE_IDS_MAX } from '../../entry/limits.ts';
import type { FullState, StateChange, TicketStatus } from '../../entry/state.ts';
import { parseEventTime } from '../../entry/time.ts';
import type { Store } from '../../store/store.ts';
import { readObject } from '../body.ts';
import { HttpError } from '../errors.ts';
import { idOf } from '../parameters.ts';
import { stateEvent } from '../stream/events.ts';

type Body = Readonly<Record<string, unknown>>;
/** From a request's body to the change it asks for, given the state it meets. */
type Act = (body: Body) => (before: FullState | undefined) => StateChange;

const ACTS: Readonly<Record<'pin' | 'ticket' | 'delete' | 'note', Act>> = {
  pin: (body) => {
    const value = flag(body, 'value');
    return (before) => ({ pin: value ?? !before?.isPinned });
  },
  ticket: (body) => {
    const status = statusOf(body);
    const reopen = flag(body, 'reopen');
    const author = authorOf(body);
    if (status !== undefined || reopen !== undefined) {
      const change = {
        ...(status === undefined ? {} : { ticketStatus: status }),
        ...(reopen === undefined ? {} : { ticketReopens: reopen }),
      };
      return () => ({ ...change, author });
    }
    const value = flag(body, 'value');
    return (before) => ({ ticket: value ?? !before?.isTicket, author });
  },
  delete: (body) => {
    const value = flag(body, 'value');
    return () => ({ delete: value ?? true });
  },
  note: (body) => {
    const { note } = body;
    if (typeof note !== 'string') throw new HttpError(400, '"note" must be a text; an empty one takes the note away');
    if (note.length > NOTE_LENGTH_MAX) {
      throw new HttpError(400, `"note" has ${note.length} characters, at most ${NOTE_LENGTH_MAX} are kept`);
    }
    const author = authorOf(body);
    const noteMs = time(body, 'time');
    return () => ({ note: note.toWellFormed(), author, ...(noteMs === undefined ? {} : { noteMs }) });
  },
};

export function stateRoutes(app: FastifyInstance, { store }: { store: Store }): void {
  for (const act of ['pin', 'ticket', 'delete', 'note'] as const) {
    app.post<{ Params: { id: string } }>(paths.act(':id', act), async (request) => {
      const id = idOf(request.params.id);
      const change = ACTS[act](readObject(request, { mayBeEmpty: act !== 'note' }));
      const state = (await store.changeState([id], change)).get(id);
      if (!state) throw new HttpError(404, `there is no entry ${id}`);
      return { status: 'success', ...stateEvent(id, state) } satisfies StateBody;
    });
  }

  app.post(paths.changeStates, async (request) => {
    const body = readObject(request);
    const ids = idsOf(body.uuids);
    const pin = flag(body, 'pin');
    const ticket = flag(body, 'ticket');
    const remove = flag(body, 'delete');
    const status = statusOf(body);
    const reopen = flag(body, 'reopen');
    const openedMs = time(body, 'ticket_opened');
    const closedMs = time(body, 'ticket_closed');
    const change: StateChange = {
      ...(pin === undefined ? {} : { pin }),
      ...(ticket === undefined ? {} : { ticket }),
      ...(remove === undefined ? {} : { delete: remove }),
      ...(status === undefined ? {} : { ticketStatus: status }),
      ...(openedMs === undefined ? {} : { ticketOpenedMs: openedMs }),
      ...(closedMs === undefined ? {} : { ticketClosedMs: closedMs }),
      ...(reopen === undefined ? {} : { ticketReopens: reopen }),
    };
    if (Object.keys(change).length === 0)
      throw new HttpError(400, 'name what to set: "pin", "ticket" or "delete", true or false');
    const author = authorOf(body);
    const states = await store.changeState(ids, () => ({ ...change, author }));
    return {
      status: 'success',
      changed: [...states].map(([id, state]) => stateEvent(id, state)),
      unknown: ids.filter((id) => !states.has(id)),
    };
  });
}

function statusOf({ status }: Body): TicketStatus | undefined {
  if (status === undefined || status === 'open' || status === 'closed') return status;
  throw new HttpError(400, '"status" must be "open" or "closed"');
}

function authorOf({ author }: Body): string | undefined {
  if (author === undefined) return undefined;
  if (typeof author !== 'string' || author.length > AUTHOR_LENGTH_MAX) {
    throw new HttpError(400, `"author" must be a name of at most ${AUTHOR_LENGTH_MAX} characters`);
  }
  return author.toWellFormed().trim() || undefined;
}

function idsOf(value: unknown): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.some((id) => typeof id !== 'string')) {
    throw new HttpError(400, '"uuids" must be an array of ids');
  }
  if (value.length > STATE_IDS_MAX)
    throw new HttpError(400, `"uuids" has ${value.length} ids, at most ${STATE_IDS_MAX} are taken at once`);
  return [...new Set(value.map((id: string) => id.trim().toLowerCase()))];
}

function time(body: Body, name: string): number | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  const parsed = parseEventTime(value);
  if (!parsed.ok) throw new HttpError(400, `"${name}": ${parsed.reason}`);
  return parsed.timeMs;
}

function flag(body: Body, name: string): boolean | undefined {
  const value = body[name];
  if (value !== undefined && typeof value !== 'boolean') throw new HttpError(400, `"${name}" must be true or false`);
  return value;
}
