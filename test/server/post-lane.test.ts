/**
 * The short way for POST /log against the ordinary one: the same request with a header more that the lane does not take
 * must be answered the same.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openFileStore } from '../../src/store/file/file-store.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { StoreError } from '../../src/store/store.ts';
import { realClock } from '../../src/system/clock.ts';
import { temporaryFolder } from '../support/folder.ts';
import { connectTo, type Sending, sendRaw, wholeAnswers } from '../support/raw-http.ts';
import { allLogs, startTestServer } from '../support/server.ts';

const ORDINARY = 'x-ordinary: 1\r\n';
const BODY = '{"level":"warn","message":"m","client_id":"c"}';
const TYPE = 'Content-Type: application/json\r\n';
const HOST = 'Host: 127.0.0.1\r\n';
const lengthOf = (body: string | Buffer) => `Content-Length: ${Buffer.byteLength(body)}\r\n`;

/** A request as the lane takes it, with more lines in its head. */
function plain(more = '', body: string | Buffer = BODY): Buffer {
  return Buffer.concat([
    Buffer.from(`POST /log HTTP/1.1\r\n${HOST}${TYPE}${lengthOf(body)}${more}\r\n`),
    Buffer.from(body),
  ]);
}

const one = (request: string | Buffer): Sending => ({ pieces: [request] });

interface Case {
  readonly name: string;
  /** @param more lines for the head of every request in it */
  readonly make: (more: string) => Sending;
  readonly answers?: number;
  readonly says: RegExp;
}

const CASES: readonly Case[] = [
  { name: 'plain', make: (more) => one(plain(more)), says: /^HTTP\/1\.1 201 Created/ },
  {
    name: 'other cases and spaces in the head',
    make: (more) =>
      one(
        `POST /log HTTP/1.1\r\nhOST:127.0.0.1\r\nCONTENT-TYPE: Application/JSON; charset=UTF-8\r\naccept: */*\r\nconnection: Keep-Alive\r\n${lengthOf(BODY)}${more}\r\n${BODY}`,
      ),
    says: /^HTTP\/1\.1 201/,
  },
  {
    name: 'its own Origin',
    make: (more) => one(plain(`Origin: http://127.0.0.1\r\n${more}`)),
    says: /^HTTP\/1\.1 201/,
  },
  {
    name: 'a foreign Origin',
    make: (more) => one(plain(`Origin: http://x.example\r\n${more}`)),
    says: /^HTTP\/1\.1 403/,
  },
  {
    name: 'a foreign Host',
    make: (more) => one(`POST /log HTTP/1.1\r\nHost: x.example\r\n${TYPE}${lengthOf(BODY)}${more}\r\n${BODY}`),
    says: /^HTTP\/1\.1 403/,
  },
  {
    name: 'no Host',
    make: (more) => one(`POST /log HTTP/1.1\r\n${TYPE}${lengthOf(BODY)}${more}\r\n${BODY}`),
    says: /^HTTP\/1\.1 400/,
  },
  { name: 'two Hosts', make: (more) => one(plain(`${HOST}${more}`)), says: /^HTTP\/1\.1 / },
  { name: 'Connection: close', make: (more) => one(plain(`Connection: close\r\n${more}`)), says: /connection: close/i },
  {
    name: 'HTTP/1.0',
    make: (more) => one(`POST /log HTTP/1.0\r\n${HOST}${TYPE}${lengthOf(BODY)}${more}\r\n${BODY}`),
    says: /^HTTP\/1\.1 201/,
  },
  {
    name: 'chunked',
    make: (more) =>
      one(
        `POST /log HTTP/1.1\r\n${HOST}${TYPE}Transfer-Encoding: chunked\r\n${more}\r\n${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`,
      ),
    says: /^HTTP\/1\.1 201/,
  },
  {
    name: 'chunked and with a length',
    make: (more) => one(plain(`Transfer-Encoding: chunked\r\n${more}`, '0\r\n\r\n')),
    says: /^HTTP\/1\.1 400/,
  },
  { name: 'two lengths', make: (more) => one(plain(`Content-Length: 1\r\n${more}`)), says: /^HTTP\/1\.1 400/ },
  {
    name: 'a length that is none',
    make: (more) => one(`POST /log HTTP/1.1\r\n${HOST}${TYPE}Content-Length: +46\r\n${more}\r\n${BODY}`),
    says: /^HTTP\/1\.1 400/,
  },
  {
    name: 'no length',
    make: (more) => one(`POST /log HTTP/1.1\r\n${HOST}${TYPE}${more}\r\n`),
    says: /^HTTP\/1\.1 400.*not JSON/s,
  },
  {
    name: 'Expect: 100-continue',
    make: (more) => ({ pieces: [plain(`Expect: 100-continue\r\n${more}`)] }),
    says: /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201/,
  },
  {
    name: 'gzip',
    make: (more) => one(plain(`Content-Encoding: gzip\r\n${more}`, gzipSync(BODY))),
    says: /^HTTP\/1\.1 201/,
  },
  {
    name: 'not the gzip it says it is',
    make: (more) => one(plain(`Content-Encoding: gzip\r\n${more}`)),
    says: /^HTTP\/1\.1 400.*gzip/s,
  },
  { name: 'not JSON', make: (more) => one(plain(more, '{nope')), says: /^HTTP\/1\.1 400.*not JSON/s },
  { name: 'no entry', make: (more) => one(plain(more, '{"level":"INFO"}')), says: /^HTTP\/1\.1 400.*message/s },
  { name: 'empty', make: (more) => one(plain(more, '')), says: /^HTTP\/1\.1 400/ },
  {
    name: 'invalid UTF-8',
    make: (more) => one(plain(more, Buffer.from('{"message":"\xff\xfe"}', 'latin1'))),
    says: /^HTTP\/1\.1 201/,
  },
  {
    name: 'another type',
    make: (more) => one(`POST /log HTTP/1.1\r\n${HOST}Content-Type: text/plain\r\n${lengthOf(BODY)}${more}\r\n${BODY}`),
    says: /^HTTP\/1\.1 415/,
  },
  {
    name: 'a large body',
    make: (more) => one(plain(more, JSON.stringify({ message: 'x'.repeat(200_000) }))),
    says: /^HTTP\/1\.1 201/,
  },
  {
    name: 'a length beyond the bound',
    make: (more) => one(`POST /log HTTP/1.1\r\n${HOST}${TYPE}Content-Length: 99999999\r\n${more}\r\n`),
    says: /^HTTP\/1\.1 413/,
  },
  {
    name: 'a long head',
    make: (more) => one(plain(`Accept: ${'x'.repeat(4_000)}\r\n${more}`)),
    says: /^HTTP\/1\.1 201/,
  },
  {
    name: 'a head beyond the bound',
    make: (more) => one(plain(`Accept: ${'x'.repeat(20_000)}\r\n${more}`)),
    says: /^HTTP\/1\.1 431/,
  },
  { name: 'another method', make: (more) => one(`PUT /log HTTP/1.1\r\n${HOST}${more}\r\n`), says: /^HTTP\/1\.1 405/ },
  {
    name: 'a query behind the path',
    make: (more) => one(`POST /log?a=1 HTTP/1.1\r\n${HOST}${TYPE}${lengthOf(BODY)}${more}\r\n${BODY}`),
    says: /^HTTP\/1\.1 201/,
  },
  {
    name: 'bare line feeds',
    make: (more) => one(plain(more).toString().replaceAll('\r\n', '\n')),
    says: /^HTTP\/1\.1 400/,
  },
  {
    name: 'a control character in the head',
    make: (more) => one(plain(`Accept: a\u0000b\r\n${more}`)),
    says: /^HTTP\/1\.1 400/,
  },
  { name: 'a folded line', make: (more) => one(plain(`Accept: a\r\n b\r\n${more}`)), says: /^HTTP\/1\.1 / },
  { name: 'a space before the colon', make: (more) => one(plain(`Accept : a\r\n${more}`)), says: /^HTTP\/1\.1 400/ },
  { name: 'nonsense', make: () => one('nonsense\r\n\r\n'), says: /^HTTP\/1\.1 400/ },
  {
    name: 'byte by byte',
    make: (more) => ({ pieces: Array.from(plain(more), (byte) => Buffer.from([byte])) }),
    says: /^HTTP\/1\.1 201/,
  },
  {
    name: 'head and body apart',
    make: (more) => ({ pieces: [plain(more).subarray(0, -BODY.length), BODY] }),
    says: /^HTTP\/1\.1 201/,
  },
  {
    name: 'a body that is cut off',
    make: (more) => ({ pieces: [plain(more).subarray(0, -3)], end: true }),
    says: /^HTTP\/1\.1 400/,
  },
  {
    name: 'three at once',
    make: (more) => one(Buffer.concat([plain(more), plain(more), plain(more)])),
    answers: 3,
    says: /^(?:HTTP\/1\.1 201[\s\S]*?\{[^}]*\}){3}$/,
  },
  {
    name: 'three, cut in their middles',
    make: (more) => {
      const all = Buffer.concat([plain(more), plain(more), plain(more)]);
      const third = Math.floor(all.length / 3) - 10;
      return { pieces: [all.subarray(0, third), all.subarray(third, 2 * third), all.subarray(2 * third)] };
    },
    answers: 3,
    says: /^(?:HTTP\/1\.1 201[\s\S]*?\{[^}]*\}){3}$/,
  },
  {
    name: 'one, and another request right behind it',
    make: (more) => one(Buffer.concat([plain(more), Buffer.from(`GET /healthz HTTP/1.1\r\n${HOST}${more}\r\n`)])),
    answers: 2,
    says: /^HTTP\/1\.1 201[\s\S]*HTTP\/1\.1 200[\s\S]*"ok"/,
  },
  {
    name: 'one, one that is wrong, and one more',
    make: (more) => one(Buffer.concat([plain(more), plain(more, '{"message":""}'), plain(more)])),
    answers: 3,
    says: /^HTTP\/1\.1 201[\s\S]*HTTP\/1\.1 400[\s\S]*HTTP\/1\.1 201/,
  },
];

/** Without what differs from answer to answer, and with the lines of a head in order. */
function comparable(answers: string): string {
  return answers
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replace(/^date: .*$/gim, 'date: <date>')
    .split('\r\n\r\n')
    .map((part) => {
      const at = part.indexOf('HTTP/1.1');
      if (at === -1) return part;
      const [status, ...lines] = part.slice(at).split('\r\n');
      return [part.slice(0, at) + status, ...lines.map((line) => line.toLowerCase()).sort()].join('\n');
    })
    .join('\n\n');
}

for (const { name, make, answers = 1, says } of CASES) {
  test(`POST /log, ${name}: answered as the ordinary way answers it`, async () => {
    await using server = await startTestServer();
    const ordinary = await sendRaw(server.url, make(ORDINARY), answers);
    const storedOrdinary = (await allLogs(server)).map(({ message }) => message);
    const inLane = await sendRaw(server.url, make(''), answers);
    assert.match(inLane, says);
    assert.equal(comparable(inLane), comparable(ordinary));
    const stored = (await allLogs(server)).map(({ message }) => message);
    assert.deepEqual(stored, [...storedOrdinary, ...storedOrdinary], 'both ways store the same');
  });
}

test('POST /log, tokens: the lane asks for the same ones', async () => {
  const tokens = { ingest: 'ingest-secret', view: 'view-secret' };
  await using server = await startTestServer({ tokens });
  const cases: [line: string, status: number][] = [
    ['', 401],
    ['Authorization: Bearer ingest-secret\r\n', 201],
    ['Authorization: Bearer ingest-secret2\r\n', 401],
    ['Authorization: Bearer view-secret\r\n', 403],
    ['Authorization: Basic ingest-secret\r\n', 401],
    ['Cookie: logd_session=x\r\n', 401],
    ['Authorization: Bearer ingest-secret\r\nAuthorization: Bearer view-secret\r\n', 201],
  ];
  for (const [line, status] of cases) {
    const ordinary = await sendRaw(server.url, one(plain(line + ORDINARY)), 1);
    const inLane = await sendRaw(server.url, one(plain(line)), 1);
    assert.match(inLane, new RegExp(`^HTTP/1\\.1 ${status} `), line);
    assert.equal(comparable(inLane), comparable(ordinary));
  }
});

test('POST /log, client rate: the lane counts together with the ordinary way', async () => {
  await using server = await startTestServer({ clientRate: 1 });
  const many = Array.from({ length: 5 }, () => BODY).join('\n');
  await server.post('/logs', many, { headers: { 'content-type': 'application/x-ndjson' } });
  const inLane = await sendRaw(server.url, one(plain()), 1);
  assert.match(inLane, /^HTTP\/1\.1 429/);
  assert.match(inLane, /\r\nretry-after: \d+\r\n/i);
  assert.equal((await allLogs(server)).length, 5);
  await using other = await startTestServer({ clientRate: 1 });
  for (let sent = 0; sent < 3; sent++) await sendRaw(other.url, one(plain()), 1);
  assert.equal((await other.post('/log', { message: 'm', client_id: 'c' })).status, 429);
});

test('POST /log, nonsense behind a post: the post is answered first', async () => {
  await using server = await startTestServer();
  const sent = Buffer.concat([plain(), Buffer.from('nonsense\r\n\r\n')]);
  assert.match(await sendRaw(server.url, one(sent), 2), /^HTTP\/1\.1 201[\s\S]*HTTP\/1\.1 400/);
});

test('POST /log, many at once over both ways: each answer has the id of its own entry, none is lost or doubled', async (t) => {
  const folder = temporaryFolder(t);
  await using server = await startTestServer({
    openStore: (listener) => openFileStore({ folder, fsync: 'group', listener, reporter: () => {}, clock: realClock }),
  });
  const CONNECTIONS = 40;
  const POSTS = 50;
  const ids = new Map<string, string>();
  async function post(connection: number): Promise<void> {
    const socket = await connectTo(server.url);
    let got = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      got += text;
    });
    for (let sent = 0; sent < POSTS; ) {
      // One, or some that do not wait for each other's answers.
      const ahead = connection % 4 === 0 ? Math.min(5, POSTS - sent) : 1;
      const messages = Array.from({ length: ahead }, (_, index) => `c${connection} m${sent + index}`);
      const more = connection % 3 === 0 && sent > 20 ? ORDINARY : '';
      socket.write(Buffer.concat(messages.map((message) => plain(more, JSON.stringify({ message })))));
      sent += ahead;
      while (wholeAnswers(got) < sent) await once(socket, 'data');
    }
    socket.destroy();
    const answered = [...got.matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id ?? '');
    assert.equal(answered.length, POSTS);
    for (const [index, id] of answered.entries()) ids.set(id, `c${connection} m${index}`);
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, connection) => post(connection)));
  const stored = await allLogs(server);
  assert.equal(ids.size, CONNECTIONS * POSTS, 'every answer has an id of its own');
  assert.deepEqual(new Map(stored.map(({ uuid, message }) => [uuid, message])), ids);
  const order = stored.map(({ uuid }) => uuid);
  assert.deepEqual(order, [...order].sort());
  const lines = readFileSync(join(folder, 'app.log'), 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, CONNECTIONS * POSTS);
});

test('POST /log, a store that takes nothing: 503 with Retry-After, nothing stored, and the connection goes on', async () => {
  let isFull = true;
  await using server = await startTestServer({
    openStore: async (listener) => {
      const store = createMemoryStore({ listener, clock: realClock });
      const { append } = store;
      store.append = async (batch, origin) => {
        if (isFull) throw new StoreError('disk-full', 'full, for a test');
        return append.call(store, batch, origin);
      };
      return store;
    },
  });
  const refused = await sendRaw(server.url, one(Buffer.concat([plain(), plain()])), 2);
  assert.match(refused, /^HTTP\/1\.1 503[\s\S]*retry-after: 5[\s\S]*HTTP\/1\.1 503/i);
  assert.equal((await allLogs(server)).length, 0);
  isFull = false;
  assert.match(await sendRaw(server.url, one(plain()), 1), /^HTTP\/1\.1 201/);
});

test('POST /log, a server that stops: what was taken is answered, connections end, what comes later is refused', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let taken = () => {};
  const isTaken = new Promise<void>((resolve) => {
    taken = resolve;
  });
  const server = await startTestServer({
    openStore: async (listener) => {
      const store = createMemoryStore({ listener, clock: realClock });
      const { append } = store;
      store.append = async (batch, origin) => {
        taken();
        await held;
        return append.call(store, batch, origin);
      };
      return store;
    },
  });
  const idle = await connectTo(server.url);
  const busy = await connectTo(server.url);
  let got = '';
  busy.setEncoding('latin1').on('data', (text: string) => {
    got += text;
  });
  busy.write(plain());
  await isTaken;
  const started = performance.now();
  const closing = server.close();
  idle.resume();
  await once(idle, 'end');
  assert.equal(got, '');
  const ended = once(busy, 'end');
  release();
  await ended;
  assert.match(got, /^HTTP\/1\.1 201[\s\S]*connection: close/i);
  busy.end();
  idle.end();
  await closing;
  assert.ok(performance.now() - started < 2_000, 'nothing waits for the cut-off');
});
