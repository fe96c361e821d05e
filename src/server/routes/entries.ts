/** GET /api/logs, /api/logs/new and /api/logs/<uuid>: finding and reading entries. */
import type { FastifyInstance } from 'fastify';
import { paths } from '../../api/paths.ts';
import type { EntryBody, SearchBody } from '../../api/types.ts';
import { type EntryJson, entryToJson } from '../../entry/entry.ts';
import { ID_NONE, isId } from '../../entry/id.ts';
import { CONTEXT_ENTRIES_MAX, PAGE_ENTRIES_DEFAULT, PAGE_ENTRIES_MAX } from '../../entry/limits.ts';
import type { Store, StoredEntry } from '../../store/store.ts';
import type { Clock } from '../../system/clock.ts';
import { HttpError } from '../errors.ts';
import { countOf, cursorOf, encodeCursor, idOf, oneOf, parametersOf, rangeOf } from '../parameters.ts';

const LIMIT = { min: 1, max: PAGE_ENTRIES_MAX, fallback: PAGE_ENTRIES_DEFAULT };

export function entriesRoutes(app: FastifyInstance, { store, clock }: { store: Store; clock: Clock }): void {
  app.get(paths.search, async (request) => {
    const parameters = parametersOf(request);
    const page = await store.search({
      ...rangeOf(parameters, clock.nowMs()),
      limit: countOf(parameters, 'limit', LIMIT),
      order: oneOf(parameters, 'order', ['desc', 'asc']),
      cursor: cursorOf(parameters),
    });
    return {
      logs: page.found.map(toJson),
      cursor: page.cursor && encodeCursor(page.cursor),
      ...(page.partial ? { partial: true } : {}),
    } satisfies SearchBody;
  });

  app.get(paths.newLogs, async (request) => {
    const parameters = parametersOf(request);
    const since = positionOf(parameters.since);
    const limit = countOf(parameters, 'limit', LIMIT);
    const logs: EntryJson[] = [];
    let position = since;
    while (logs.length < limit) {
      const found = await store.after(position, limit);
      const last = found.at(-1);
      if (!last) break;
      position = last.entry.id;
      logs.push(...found.filter(({ state }) => !state?.isDeleted).map(toJson));
    }
    return { logs: logs.slice(0, limit) };
  });

  app.get<{ Params: { id: string } }>(paths.entry(':id'), async (request) => {
    const id = idOf(request.params.id);
    const found = await store.get(id);
    if (!found) throw new HttpError(404, `there is no entry ${id}`);
    const count = countOf(parametersOf(request), 'context', { min: 0, max: CONTEXT_ENTRIES_MAX, fallback: 0 });
    const body: EntryBody = { log: toJson(found) };
    if (count === 0) return body;
    const { before, after } = await store.context(found.entry, count);
    return { ...body, before: before.map(toJson), after: after.map(toJson) } satisfies EntryBody;
  });
}

function toJson({ entry, state }: StoredEntry): EntryJson {
  return entryToJson(entry, state);
}

function positionOf(text: string | undefined): string {
  if (text === undefined || text === '') return ID_NONE;
  const id = text.trim().toLowerCase();
  if (!isId(id)) throw new HttpError(400, `"since" must be the id of an entry, got "${text.slice(0, 40)}"`);
  return id;
}
