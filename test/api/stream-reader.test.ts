import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { ApiClient } from '../../src/api/client.ts';
import {
  type StreamEnd,
  type StreamListener,
  StreamReader,
  type StreamReaderOptions,
} from '../../src/api/stream-reader.ts';
import type { StateEvent } from '../../src/api/types.ts';
import type { Connection } from '../../src/viewer/connection.ts';
import { entryOf, idOf } from '../support/entry-json.ts';

/** What a request of the reader meets: the response and where it wants to go on. */
type Scene = (response: ServerResponse, lastEventId: string | undefined, url: string) => void;

interface Stage extends AsyncDisposable {
  readonly url: string;
  /** The Last-Event-ID of each request so far. */
  readonly asked: readonly (string | undefined)[];
}

/** A server that answers the first request with the first scene, and so on; the last one for all further ones. */
async function play(...scenes: readonly Scene[]): Promise<Stage> {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const id = request.headers['last-event-id'] as string | undefined;
    const scene = scenes[Math.min(asked.push(id) - 1, scenes.length - 1)];
    scene?.(response, id, request.url ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function open(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(': here\n\n');
}

function entries(...numbers: readonly number[]): string {
  return `id: ${idOf(numbers.at(-1) ?? 0)}\ndata: ${JSON.stringify(numbers.map((number) => entryOf(number)))}\n\n`;
}

/** An answer that sends these entries and stays open. */
function sends(...numbers: readonly number[]): (response: ServerResponse) => void {
  return (response) => {
    open(response);
    response.write(entries(...numbers));
  };
}

function named(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

interface Reading {
  readonly numbers: readonly number[];
  readonly connections: readonly Connection[];
  readonly states: readonly StateEvent[];
  readonly gaps: readonly number[];
  readonly positions: readonly string[];
}

/** Reads until the condition holds, with a deadline. */
async function read(
  url: string,
  until: (reading: Reading) => boolean,
  options: Partial<StreamReaderOptions> & {
    onEntries?: StreamListener['onEntries'];
    onPosition?: (reader: StreamReader) => void;
    onWaiting?: (reader: StreamReader) => void;
  } = {},
): Promise<Reading & { end: StreamEnd }> {
  const stop = new AbortController();
  const deadline = AbortSignal.timeout(10_000);
  const numbers: number[] = [];
  const connections: Connection[] = [];
  const states: StateEvent[] = [];
  const gaps: number[] = [];
  const positions: string[] = [];
  const reading = { numbers, connections, states, gaps, positions };
  const look = () => {
    if (until(reading)) stop.abort();
  };
  const reader = new StreamReader({
    client: new ApiClient({ serverUrl: url }),
    retryFirstMs: 5,
    ...options,
    listener: {
      async onEntries(found) {
        await options.onEntries?.(found);
        numbers.push(...found.map(({ uuid }) => Number(uuid.slice(-12))));
        look();
      },
      onState: (state) => {
        states.push(state);
        look();
      },
      onGap: (missed) => {
        gaps.push(missed);
        look();
      },
      onPosition: (id) => {
        positions.push(id);
        options.onPosition?.(reader);
        look();
      },
      onConnection: (connection) => {
        connections.push(connection);
        if (connection.kind === 'waiting') options.onWaiting?.(reader);
        look();
      },
    },
  });
  const end = await reader.run(AbortSignal.any([stop.signal, deadline]));
  assert.ok(!deadline.aborted, `not within the deadline: ${JSON.stringify(reading)}`);
  return { ...reading, end };
}

describe('stream reader', () => {
  test('gives entries, states, gaps and positions as they come', async () => {
    await using stage = await play((response) => {
      open(response);
      response.write(entries(1, 2));
      response.write(named('state', { uuid: idOf(1), is_pinned: true, is_ticket: false, is_deleted: false }));
      response.write(named('gap', { missed: 7 }));
      response.write(`id: ${idOf(12)}\n${named('tick', { id: idOf(12) })}`);
      response.write(named('something-new', {}));
      response.write(`id: ${idOf(13)}\ndata: ${JSON.stringify(entryOf(13))}\n\n`);
    });
    const { numbers, states, gaps, positions, end, connections } = await read(stage.url, (r) => r.numbers.includes(13));
    assert.deepEqual(numbers, [1, 2, 13]);
    assert.deepEqual(
      states.map(({ uuid }) => uuid),
      [idOf(1)],
    );
    assert.deepEqual(gaps, [7]);
    assert.deepEqual(positions.slice(0, 2), [idOf(2), idOf(12)]);
    assert.deepEqual(end, { kind: 'stopped' });
    assert.deepEqual(
      connections.map(({ kind }) => kind),
      ['connecting', 'live', 'closed'],
    );
  });

  test('asks for the query and for batches, and says where to go on', async () => {
    let asked = '';
    await using stage = await play((response, _, url) => {
      asked = url;
      open(response);
    });
    await read(stage.url, (r) => r.connections.at(-1)?.kind === 'live', {
      query: 'level:error a&b',
      lastEventId: idOf(3),
    });
    const parameters = new URL(asked, stage.url).searchParams;
    assert.equal(parameters.get('query'), 'level:error a&b');
    assert.equal(parameters.get('batch'), '1');
    assert.deepEqual(stage.asked, [idOf(3)]);
  });

  const breaks: [what: string, scene: Scene][] = [
    ['is ended', (response) => response.end()],
    ['is reset', (response) => response.socket?.resetAndDestroy()],
    ['is cut within an event', (response) => response.write(entries(3).slice(0, 30), () => response.destroy())],
    ['sends no JSON', (response) => response.write('data: <html>\n\n')],
  ];
  for (const [what, scene] of breaks) {
    test(`comes back by the last id when the line ${what}`, async () => {
      await using stage = await play(
        (response) => {
          open(response);
          response.write(entries(1, 2), () => scene(response, undefined, ''));
        },
        (response) => response.writeHead(503, { 'retry-after': '0' }).end('{"error":"starting"}'),
        sends(3, 4),
      );
      const { numbers, connections } = await read(stage.url, (r) => r.numbers.includes(4));
      assert.deepEqual(numbers, [1, 2, 3, 4]);
      assert.deepEqual(stage.asked, [undefined, idOf(2), idOf(2)]);
      const reasons = connections.flatMap((connection) => (connection.kind === 'waiting' ? [connection.reason] : []));
      assert.equal(reasons.length, 2);
      assert.equal(reasons[1], 'starting');
    });
  }

  test('a position that a tick told is where it goes on', async () => {
    await using stage = await play((response) => {
      open(response);
      response.write(entries(1));
      response.end(`id: ${idOf(9)}\n${named('tick', { id: idOf(9) })}`);
    }, sends(10));
    await read(stage.url, (r) => r.numbers.includes(10));
    assert.deepEqual(stage.asked, [undefined, idOf(9)]);
  });

  test('a line without a tick for too long is dead', async () => {
    await using stage = await play(sends(1), sends(2));
    const { numbers, connections } = await read(stage.url, (r) => r.numbers.includes(2), { silenceMsMax: 80 });
    assert.deepEqual(numbers, [1, 2]);
    const reason = connections.find((connection) => connection.kind === 'waiting')?.reason;
    assert.match(reason ?? '', /silent/);
  });

  // Far beyond the deadline: neither silence nor the wait ends by itself.
  const patient = { silenceMsMax: 600_000, retryFirstMs: 600_000 };

  test('a line that may be dead is taken up again at once, where it was left', async () => {
    await using stage = await play(sends(1), sends(2));
    let isLeft = false;
    const { numbers, connections } = await read(stage.url, (r) => r.numbers.includes(2), {
      ...patient,
      onPosition(reader) {
        if (!isLeft) setImmediate(() => reader.takeUpAgain());
        isLeft = true;
      },
    });
    assert.deepEqual(numbers, [1, 2]);
    assert.deepEqual(stage.asked, [undefined, idOf(1)]);
    assert.ok(!connections.some(({ kind }) => kind === 'waiting'));
  });

  test('a wait for the server ends when the stream is to be taken up again', async () => {
    await using stage = await play((response) => {
      open(response);
      response.end(entries(1));
    }, sends(2));
    const { numbers } = await read(stage.url, (r) => r.numbers.includes(2), {
      ...patient,
      onWaiting: (reader) => setImmediate(() => reader.takeUpAgain()),
    });
    assert.deepEqual(numbers, [1, 2]);
  });

  test('a listener that takes its time is not taken for a dead line', async () => {
    await using stage = await play((response) => {
      open(response);
      response.write(entries(1) + entries(2));
    });
    const { numbers, connections } = await read(stage.url, (r) => r.numbers.includes(2), {
      silenceMsMax: 40,
      onEntries: () => new Promise((resolve) => setTimeout(resolve, 120)),
    });
    assert.deepEqual(numbers, [1, 2]);
    assert.ok(!connections.some(({ kind }) => kind === 'waiting'));
  });

  test('a gap is fetched by those who want every entry', async () => {
    await using stage = await play(
      (response) => {
        open(response);
        response.write(entries(1) + named('gap', { missed: 2 }) + entries(4));
      },
      (response) => {
        open(response);
        response.write(entries(2, 3) + entries(4));
      },
    );
    const { numbers, gaps } = await read(stage.url, (r) => r.numbers.includes(4), { resumesGaps: true });
    assert.deepEqual(numbers, [1, 2, 3, 4]);
    assert.deepEqual(gaps, []);
    assert.deepEqual(stage.asked, [undefined, idOf(1)]);
  });

  const refusals: [status: number, body: string, type: string, message: RegExp][] = [
    [401, '{"error":"no token"}', 'unauthorized', /--token-file/],
    [403, '', 'unauthorized', /LOGD_TOKEN/],
    [400, '{"error":"query: expected a term","position":3}', 'rejected', /expected a term/],
    [404, '<html>', 'not-found', /not as logd does/],
  ];
  for (const [status, body, type, message] of refusals) {
    test(`an answer ${status} ends it for good`, async () => {
      await using stage = await play((response) => response.writeHead(status).end(body));
      const { end, connections } = await read(stage.url, () => false);
      assert.ok(end.kind === 'refused');
      assert.equal(end.error.type, type);
      assert.match(end.error.message, message);
      assert.deepEqual(connections.at(-1), { kind: 'closed', reason: end.error.message });
      assert.equal(stage.asked.length, 1);
    });
  }

  test('where nothing listens it says what to check, and goes on trying', async () => {
    const gone = await play(() => {});
    const { url } = gone;
    await gone[Symbol.asyncDispose]();
    const { connections } = await read(url, (r) => r.connections.filter(({ kind }) => kind === 'waiting').length === 3);
    const [waiting] = connections.filter((connection) => connection.kind === 'waiting');
    assert.match(waiting?.reason ?? '', new RegExp(`cannot reach ${url}: nothing listens there.*port.*firewall`));
  });

  test('it stops at once while it waits for the next try', async () => {
    await using stage = await play((response) => response.writeHead(503, { 'retry-after': '3600' }).end());
    const { end } = await read(stage.url, (r) => r.connections.at(-1)?.kind === 'waiting');
    assert.deepEqual(end, { kind: 'stopped' });
  });
});
