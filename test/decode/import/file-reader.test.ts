import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FileReader, type FileReaderOptions } from '../../../src/decode/import/file-reader.ts';
import type { ImportRecord } from '../../../src/decode/import/record.ts';
import { encodeEntry } from '../../../src/entry/codec.ts';
import type { Entry } from '../../../src/entry/entry.ts';
import { CLIENT_ID_LENGTH_MAX } from '../../../src/entry/limits.ts';
import { anyDraft } from '../../support/drafts.ts';

const NOW_MS = Date.parse('2026-11-23T03:10:11.123Z');
const ID = '7f3c1f6e-3c1e-4a5b-9f5e-0123456789ab';
const OWN_ID = '0193b0a8-1234-7abc-8def-0123456789ab';
const HEAD = `2025-05-01 10:00:00,123 - [INFO] - [Client_1] - [ID:${ID}] - `;
const OWN_HEAD = HEAD.replace(ID, OWN_ID);
const TIME_MS = Date.parse('2025-05-01T10:00:00.123Z');

interface Read {
  readonly records: readonly ImportRecord[];
  readonly bad: readonly (readonly [number, string])[];
  readonly format: string | undefined;
}

function read(pieces: readonly Uint8Array[], options: Partial<FileReaderOptions> = {}): Read {
  const records: ImportRecord[] = [];
  const bad: [number, string][] = [];
  const reader = new FileReader({
    plainClientId: 'old',
    source: 'old.log',
    nowMs: NOW_MS,
    listener: {
      onRecord: (record) => records.push(record),
      onBadLine: (line, reason) => bad.push([line, reason]),
    },
    ...options,
  });
  for (const piece of pieces) reader.feed(Buffer.from(piece));
  reader.end();
  return { records, bad, format: reader.format };
}

const readText = (text: string, options?: Partial<FileReaderOptions>) => read([Buffer.from(text)], options);
const messages = ({ records }: Read) => records.map(({ draft }) => draft.message);

test('import text: an entry keeps time, level, client and message, and its id as a field', () => {
  const { records, bad, format } = readText(`${HEAD}hello\n`);
  assert.equal(format, 'text');
  assert.deepEqual(bad, []);
  assert.deepEqual(records, [
    {
      line: 1,
      oldId: ID,
      draft: {
        level: 'INFO',
        clientId: 'Client_1',
        message: 'hello',
        timeMs: TIME_MS,
        source: undefined,
        fields: { id: ID },
      },
    },
  ]);
});

const MESSAGES: readonly (readonly [name: string, text: string, message: string])[] = [
  [
    'further lines without a TAB belong to it',
    `${HEAD}Traceback\n  File "x"\nValueError\n`,
    'Traceback\n  File "x"\nValueError',
  ],
  ['further lines with a TAB too', `${HEAD}one\n\ttwo\n`, 'one\ntwo'],
  ['a TAB among other further lines is text', `${HEAD}E: x\n\tat y\nCaused by z\n`, 'E: x\n\tat y\nCaused by z'],
  ['blank lines within it are kept', `${HEAD}one\n\n\ntwo\n`, 'one\n\n\ntwo'],
  ['blank lines behind it are layout', `${HEAD}one\n\n\n`, 'one'],
  ['line breaks of Windows', `${HEAD}one\r\ntwo\r\n`, 'one\ntwo'],
  ['another program escapes nothing', `${HEAD}C:\\x86\\bin \\x41\n`, 'C:\\x86\\bin \\x41'],
  ["what is logd's own is unescaped", `${OWN_HEAD}a\\x1b[31m \\x5cx41\n\ttwo\n`, 'a\u001b[31m \\x41\ntwo'],
  ['a TAB within it', `${HEAD}a\tb\n`, 'a\tb'],
  ['no line break at the end', `${HEAD}one`, 'one'],
];

for (const [name, text, message] of MESSAGES) {
  test(`import text: ${name}`, () => {
    const found = readText(`${text}`, { format: 'text' });
    assert.deepEqual(messages(found), [message]);
    assert.deepEqual(messages(readText(`${text}\n${HEAD}next\n`, { format: 'text' })), [message, 'next']);
    assert.deepEqual(found.bad, []);
  });
}

test("import text: attributes are logd's own, whoever made the id", () => {
  const [record] = readText(`${HEAD}a\\x09{\t{"source":"file","fields":{"a":1}}\n`).records;
  assert.equal(record?.draft.message, 'a\t{');
  assert.equal(record?.draft.source, 'file');
  assert.deepEqual(record?.draft.fields, { a: 1, id: ID });
});

test('import text: a field "id" of its own goes on under another name', () => {
  const [record] = readText(`${OWN_HEAD}m\t{"fields":{"id":"first","id.before":2}}\n`).records;
  assert.deepEqual(record?.draft.fields, { id: OWN_ID, 'id.before': 2, 'id.before.before': 'first' });
});

test('import text: lines that belong to no entry are told with their numbers and reasons', () => {
  const { records, bad } = readText(
    `left over\n\n${HEAD}one\n${HEAD.replace('05-01', '13-01')}two\n${HEAD}\n${HEAD}three\n`,
    {
      format: 'text',
    },
  );
  assert.deepEqual(
    records.map(({ line, draft }) => [line, draft.message]),
    [
      [3, 'one'],
      [6, 'three'],
    ],
  );
  assert.deepEqual(
    bad.map(([line]) => line),
    [1, 4, 5],
  );
  assert.match(bad[0]?.[1] ?? '', /no entry begins before it/);
  assert.match(bad[1]?.[1] ?? '', /no such day/);
  assert.match(bad[2]?.[1] ?? '', /empty/);
});

const anyStored = anyDraft({ min: 0, max: 253_402_300_799_999 }).filter(
  ({ clientId, source = '' }) => clientId.length <= CLIENT_ID_LENGTH_MAX && source.length <= CLIENT_ID_LENGTH_MAX,
);

test('import text: whatever logd writes is read back exactly', () => {
  fc.assert(
    fc.property(fc.array(anyStored, { minLength: 1, maxLength: 5 }), (drafts) => {
      const entries = drafts.map((draft): Entry => ({ ...draft, id: OWN_ID, timeMs: draft.timeMs ?? 0 }));
      const { records, bad } = readText(entries.map(encodeEntry).join(''), { format: 'text' });
      assert.deepEqual(bad, []);
      for (const [index, { message, clientId, source, level, timeMs }] of entries.entries()) {
        const draft = records[index]?.draft;
        assert.deepEqual(
          [draft?.message, draft?.clientId, draft?.source, draft?.level, draft?.timeMs],
          [message, clientId, source, level, timeMs],
        );
      }
    }),
    { numRuns: 1_000 },
  );
});

test('import jsonl: what POST /logs takes, and what an export gives, with id and state', () => {
  const exported = {
    uuid: OWN_ID.toUpperCase(),
    timestamp_str: '2025-05-01 10:00:00,123',
    timestamp: '2025-05-01T10:00:00.123Z',
    log_level: 'ERROR',
    client_id: 'web-1',
    message: 'm',
    is_pinned: true,
    is_ticket: true,
    is_deleted: false,
    note: 'look',
    ticket_status: 'closed',
    ticket_opened: '2025-05-02T00:00:00.000Z',
    ticket_closed: '2025-05-03T00:00:00.000Z',
  };
  const lines = [
    '{"level":"warn","message":"one","client_id":"a","timestamp":1746093600123,"fields":{"b":{"c":1}}}',
    JSON.stringify(exported),
    '',
    '{"message":"no client","timestamp_str":"2025-05-01 10:00:00,123"}',
    '{"level":"INFO"}',
    '{"message":',
    '[1]',
  ];
  const { records, bad, format } = readText(lines.join('\n'), { clientId: 'given' });
  assert.equal(format, 'jsonl');
  const shown = records.map(({ draft, ...rest }) => ({ ...rest, ...draft }));
  assert.partialDeepStrictEqual(shown, [
    { line: 1, level: 'WARNING', message: 'one', clientId: 'a', timeMs: TIME_MS, fields: { 'b.c': 1 } },
    {
      line: 2,
      level: 'ERROR',
      clientId: 'web-1',
      timeMs: TIME_MS,
      oldId: OWN_ID,
      fields: { id: OWN_ID },
      state: {
        pin: true,
        ticket: true,
        ticketStatus: 'closed',
        ticketOpenedMs: Date.parse('2025-05-02'),
        ticketClosedMs: Date.parse('2025-05-03'),
        note: 'look',
      },
    },
    { line: 4, clientId: 'given', timeMs: TIME_MS },
  ]);
  assert.deepEqual(
    bad.map(([line]) => line),
    [5, 6, 7],
  );
});

test('import plain: level and time are told by the line, and a line without a time has that of the line before', () => {
  const lines = [
    'first of all',
    '2025-05-01T12:00:00.123+02:00 WARN disk',
    '    at something',
    '[2025-05-01 10:00:01] error: without a zone',
    '<11>May  1 10:00:02 host app: failed',
    '{"level":50,"time":1746093603123,"msg":"x"}',
  ];
  const { records, format } = readText(lines.join('\n'));
  assert.equal(format, 'plain');
  const local = new Date(2026, 4, 1, 10, 0, 2).getTime();
  assert.deepEqual(
    records.map(({ draft }) => [draft.level, draft.timeMs]),
    [
      ['UNKNOWN', undefined],
      ['WARNING', TIME_MS],
      ['UNKNOWN', TIME_MS],
      ['ERROR', Date.parse('2025-05-01T10:00:01Z')],
      ['ERROR', local],
      ['ERROR', 1_746_093_603_123],
    ],
  );
  assert.deepEqual(
    records.map(({ draft }) => draft.message),
    lines,
  );
  assert.ok(records.every(({ draft }) => draft.clientId === 'old' && draft.source === 'old.log'));
});

const FILES: readonly (readonly [name: string, text: string])[] = [
  ['text', `left over\n${HEAD}zwö\r\n\n  Zeile\n${OWN_HEAD}a\\x1b\n\tb\t{"source":"s"}\n\n${HEAD}end`],
  [
    'jsonl',
    `{"message":"zwö"}\n\n{"message":"b","level":"warn"}\r\n{"mess\n{"message":"c","uuid":"${ID}","log_level":"INFO"}`,
  ],
  ['plain', '2025-05-01T12:00:00Z zwö\n\n at x\r\n2025-05-01 10:00:01 error\nend'],
];

for (const [name, text] of FILES) {
  test(`import ${name}: a file cut at any two places gives the same records`, () => {
    const bytes = Buffer.from(text);
    const whole = read([bytes]);
    assert.ok(whole.records.length > 2);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second += 7) {
        const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        assert.deepEqual(read(pieces), whole, `cut at ${first} and ${second}`);
      }
    }
  });

  test(`import ${name}: a long file fed byte by byte gives the same records`, () => {
    const bytes = Buffer.from(`${text}\n`.repeat(Math.ceil(70_000 / text.length)));
    const whole = read([bytes]);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 997) }, (_, index) =>
      bytes.subarray(index * 997, index * 997 + 997),
    );
    assert.deepEqual(read(pieces), whole);
  });
}

test('import: UTF-16, as PowerShell writes it', () => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${HEAD}zwö\r\n${HEAD}end\r\n`, 'utf16le')]);
  assert.deepEqual(messages(read([bytes])), ['zwö', 'end']);
});

test('import: bytes that are no text become replacement characters and are counted', () => {
  const reader = new FileReader({
    plainClientId: 'c',
    source: 's',
    nowMs: NOW_MS,
    listener: { onRecord() {}, onBadLine: (_line, reason) => assert.fail(reason) },
  });
  reader.feed(Buffer.concat([Buffer.from(`${HEAD}a`), Buffer.from([0xff]), Buffer.from('b\n')]));
  reader.end();
  assert.equal(reader.damage.invalidLines, 1);
});

test('import text: a message without end is cut, and takes no more memory', () => {
  const long = `${'x'.repeat(1_000_000)}\n`;
  const { records, bad } = readText(HEAD + long.repeat(12) + HEAD + long.slice(0, 10));
  assert.equal(records.length, 2);
  assert.deepEqual(bad, []);
  assert.ok((records[0]?.draft.message.length ?? 0) <= 8 * 1024 * 1024 + 20);
  assert.ok(records[0]?.draft.message.endsWith('...[cut]'));
});
