/** GET /stream-logs: every entry live, as Server-Sent Events, with replay of what a viewer missed. */
import type { FastifyInstance } from 'fastify';
import { paths } from '../../api/paths.ts';
import { isId } from '../../entry/id.ts';
import { HttpError } from '../errors.ts';
import { parametersOf, queryOf } from '../parameters.ts';
import type { Streams } from '../stream/streams.ts';

export function streamRoute(app: FastifyInstance, { streams }: { streams: Streams }): void {
  app.get(paths.stream, { exposeHeadRoute: false }, (request, reply) => {
    const parameters = parametersOf(request);
    const { text, query } = queryOf(parameters);
    const lastEventId = lastEventIdOf(request.headers['last-event-id'], parameters.last_event_id);
    if (streams.isFull) throw new HttpError(503, 'no more live streams just now: try again in 5 s');
    if (streams.isStuck(text)) {
      throw new HttpError(
        400,
        'the regular expression of this query took too long on an entry: write it without repeats inside repeats, or search for words',
      );
    }
    reply.hijack();
    const response = reply.raw;
    request.raw.socket.setNoDelay(true);
    request.raw.socket.setTimeout(0);
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) response.setHeader(name, value);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    streams
      .feed(response, { queryText: text, query, asBatch: parameters.batch === '1', lastEventId })
      // A store that can no longer be read ends the stream; the viewer comes back and asks again.
      .catch(() => response.destroy());
  });
}

/** The header comes from a browser that reconnects by itself; it is newer than the parameter of the page's address. */
function lastEventIdOf(header: string | string[] | undefined, parameter: string | undefined): string | undefined {
  const text = (Array.isArray(header) ? header.at(-1) : header) || parameter;
  if (text === undefined || text === '') return undefined;
  const id = text.trim().toLowerCase();
  if (!isId(id)) throw new HttpError(400, `"Last-Event-ID" must be the id of an entry, got "${text.slice(0, 40)}"`);
  return id;
}
