import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createEventSplitter, EVENT_LENGTH_MAX, type SplitEvent } from '../../src/decode/event-splitter.ts';
import { createUnknownText, type TextForm } from '../../src/decode/unknown-text.ts';
import { parseWindowsEvent, type WindowsEvent } from '../../src/decode/windows-event.ts';
import { eventXml } from '../support/windows-events.ts';

interface Read {
  readonly events: readonly WindowsEvent[];
  readonly form: TextForm | undefined;
  readonly isWithin: boolean;
  readonly outside: string;
}

/** As the agent reads it: bytes → text → events, in pieces of so many bytes. */
function read(bytes: Buffer, { piece = 65_536, locale = 'en-US' } = {}): Read {
  const text = createUnknownText(locale);
  const splitter = createEventSplitter();
  const events: WindowsEvent[] = [];
  const onEvent = (event: SplitEvent) => events.push(parseWindowsEvent(event));
  for (let at = 0; at < bytes.length; at += piece) splitter.feed(text.feed(bytes.subarray(at, at + piece)), onEvent);
  splitter.feed(text.end(), onEvent);
  return { events, form: text.form, isWithin: splitter.isWithin, outside: splitter.outside };
}

function one(xml: string): WindowsEvent {
  const { events } = read(Buffer.from(xml));
  assert.equal(events.length, 1);
  return events[0] as WindowsEvent;
}

const wide = (text: string) => Buffer.from(text, 'utf16le');
const BOM = Buffer.from([0xff, 0xfe]);

test('windows event: all that System says', () => {
  const event = one(eventXml({ id: 17_353, message: 'The service entered the running state.\r\n\r\n' }));
  assert.deepEqual(event, {
    recordId: 17_353n,
    channel: 'System',
    computer: 'host-1',
    provider: 'Service Control Manager',
    eventId: 7036,
    timeText: '2026-03-01T14:49:13.1234567Z',
    timeMs: Date.parse('2026-03-01T14:49:13.123Z'),
    level: 'INFO',
    message: 'The service entered the running state.',
    hasText: true,
    attributes: [
      { name: 'providerGuid', value: '{555908d1-a6d7-4695-8e1e-26931d2012f4}' },
      { name: 'qualifiers', value: '16384' },
      { name: 'levelNumber', value: '4' },
      { name: 'keywords', value: '0x8080000000000000' },
      { name: 'processId', value: '788' },
      { name: 'threadId', value: '4396' },
      { name: 'userSid', value: 'S-1-5-18' },
    ],
    data: [],
    isDamaged: false,
  });
});

const LEVELS: readonly (readonly [level: number, keywords: string, expected: string])[] = [
  [0, '0x80000000000000', 'INFO'],
  [1, '0x0', 'CRITICAL'],
  [2, '0x0', 'ERROR'],
  [3, '0x0', 'WARNING'],
  [4, '0x0', 'INFO'],
  [5, '0x0', 'DEBUG'],
  [6, '0x0', 'INFO'],
  [200, 'nonsense', 'INFO'],
  [0, '0x8010000000000000', 'WARNING'],
  [0, '0x8020000000000000', 'INFO'],
  [2, '0x8010000000000000', 'ERROR'],
];

for (const [level, keywords, expected] of LEVELS) {
  test(`windows event: level ${level} with keywords ${keywords} is ${expected}`, () => {
    assert.equal(one(eventXml({ id: 1, level, keywords, message: 'x' })).level, expected);
  });
}

const MESSAGES: readonly (readonly [what: string, data: string, message: string])[] = [
  ['names and values', `<EventData><Data Name='a'>1</Data><Data Name='b'>2</Data></EventData>`, 'a=1, b=2'],
  ['values without names', '<EventData><Data>1</Data><Data></Data><Data>2</Data></EventData>', '1, 2'],
  [
    'what a user data template holds',
    `<UserData><LogFileCleared xmlns='http://x'><SubjectUserName>bob</SubjectUserName><Object type='CRL'/></LogFileCleared></UserData>`,
    'SubjectUserName=bob, Object.type=CRL',
  ],
  [
    'why Windows could not render it',
    `<EventData></EventData><ProcessingErrorData><ErrorCode>15005</ErrorCode><DataItemName>x</DataItemName></ProcessingErrorData>`,
    'ErrorCode=15005, DataItemName=x',
  ],
  ['that there is none', '<EventData></EventData>', 'Event 7036 from P & Co (no message text installed)'],
  ['that there is none in an empty event', '', 'Event 7036 from P & Co (no message text installed)'],
];

for (const [what, data, message] of MESSAGES) {
  test(`windows event: without a text the message says ${what}`, () => {
    const event = one(eventXml({ id: 1, provider: 'P & Co', data, message: undefined }));
    assert.deepEqual([event.message, event.hasText], [message, false]);
    assert.equal(one(eventXml({ id: 1, provider: 'P & Co', data, message: ' \r\n' })).message, message);
  });
}

test('windows event: data keeps its names, its order and its place', () => {
  const data = `<EventData Name='T'><Data Name='a'>1</Data><Data/><Data>x&#13;&#10;y</Data><ComplexData Name='c'>00</ComplexData><Binary>FF</Binary></EventData>`;
  assert.deepEqual(
    one(eventXml({ id: 1, data, message: 'm' })).data.map(({ name, value }) => [name, value]),
    [
      ['a', '1'],
      [undefined, ''],
      [undefined, 'x\r\ny'],
      ['c', '00'],
      ['Binary', 'FF'],
    ],
  );
});

const TEXT = 'Grüße 客户 \u{1f600} <&> ende';
const FORMS: readonly (readonly [form: TextForm, bytes: (xml: string) => Buffer])[] = [
  ['utf-16le with byte order mark', (xml) => Buffer.concat([BOM, wide(xml)])],
  ['utf-16le', wide],
  ['utf-8', (xml) => Buffer.from(xml)],
  ['utf-8', (xml) => Buffer.from(`\ufeff${xml}`)],
];

for (const [index, [form, bytesOf]] of FORMS.entries()) {
  test(`windows event: ${form} (${index}), cut at every byte`, () => {
    const xml = [1, 2, 3].map((id) => eventXml({ id, message: `${TEXT} ${id}` })).join('\r\n');
    for (const piece of [1, 2, 3, 5, 7, 64, 1_000_000]) {
      const { events, form: found, isWithin } = read(bytesOf(`${xml}\r\n`), { piece });
      assert.deepEqual(
        [events.map(({ message }) => message), found, isWithin],
        [[1, 2, 3].map((id) => `${TEXT} ${id}`), form, false],
      );
    }
  });
}

test('windows event: the console code page is told by the language', () => {
  const before = Buffer.from(eventXml({ id: 1, message: 'x' }).replace(/x<\/Message>.*/, ''));
  const after = Buffer.from('</Message></RenderingInfo></Event>');
  const cases: readonly (readonly [locale: string, bytes: number[], text: string])[] = [
    ['zh-CN', [0xbf, 0xcd, 0xbb, 0xa7], '客户'],
    ['ru-RU', [0x8f, 0xe0, 0xa8], 'При'],
    ['de-DE', [0x81, 0x84, 0xe1], 'üäß'],
    ['en-US', [0x81, 0x84, 0xe1], 'üäß'],
  ];
  for (const [locale, bytes, text] of cases) {
    for (const piece of [1, 1_000]) {
      const { events, form } = read(Buffer.concat([before, Buffer.from(bytes), after]), { piece, locale });
      assert.deepEqual([events[0]?.message, form], [text, 'console code page']);
    }
  }
});

test('windows event: output cut at any byte gives the whole events alone, and says that one is unfinished', () => {
  const events = [1, 2].map((id) => eventXml({ id, message: 'text' }));
  const whole = wide(events.join('\r\n'));
  const firstEnd = wide(events[0] ?? '').length;
  for (let end = 40; end < whole.length; end += 3) {
    const { events: found, isWithin } = read(whole.subarray(0, end));
    assert.deepEqual(
      found.map(({ recordId }) => recordId),
      end >= firstEnd ? [1n] : [],
      `${end} bytes`,
    );
    if (end < firstEnd - 1 || end > firstEnd + 20) assert.equal(isWithin, true, `${end} bytes`);
  }
});

test('windows event: around the events anything may stand', () => {
  const xml = eventXml({ id: 1, message: 'm' });
  const { events, isWithin, outside } = read(
    Buffer.from(`<?xml version="1.0"?><Events>${xml}<!-- <Event a> -->${xml}</Events>\r\n`),
  );
  assert.deepEqual([events.length, isWithin], [2, false]);
  assert.equal(outside, '<?xml version="1.0"?><Events><!-- <Event a> --></Events>'.slice(0, outside.length));
  assert.match(read(Buffer.from('The system cannot find the file.\r\n')).outside, /^The system cannot/);
});

test('windows event: what only looks like an end does not end it', () => {
  const data = `<UserData><EventXML xmlns='x'><Event><a>1</a></Event><Event/><b><![CDATA[</Event>]]></b></EventXML></UserData>`;
  const { events } = read(Buffer.from(eventXml({ id: 1, data }) + eventXml({ id: 2, message: '</Event>' })), {
    piece: 3,
  });
  assert.deepEqual(
    events.map(({ recordId, isDamaged, message }) => [recordId, isDamaged, message]),
    [
      [1n, false, 'Event.a=1, Event=, b=</Event>'.replace('Event=, ', '')],
      [2n, false, '</Event>'],
    ],
  );
});

test('windows event: one without its end does not take the next one with it', () => {
  const [first = '', second = ''] = [1, 2].map((id) => eventXml({ id, message: 'm' }));
  const { events } = read(Buffer.from(first.slice(0, -30) + second));
  assert.deepEqual(
    events.map(({ recordId, isDamaged }) => [recordId, isDamaged]),
    [
      [1n, true],
      [2n, false],
    ],
  );
});

test('windows event: an event beyond the bound is cut, holds no more memory, and the next one is whole', () => {
  const data = `<EventData><Data Name='big'>${'x'.repeat(3 * EVENT_LENGTH_MAX)}</Data></EventData>`;
  const { events } = read(Buffer.from(eventXml({ id: 1, data, message: 'm' }) + eventXml({ id: 2, message: 'm' })));
  assert.deepEqual(
    events.map(({ recordId, isDamaged }) => [recordId, isDamaged]),
    [
      [1n, true],
      [2n, false],
    ],
  );
  assert.ok((events[0]?.data[0]?.value.length ?? 0) < EVENT_LENGTH_MAX);
});

test('windows event: what cannot be read as one is given raw', () => {
  const event = one('<Event><!DOCTYPE a></Event>');
  assert.deepEqual([event.message, event.level, event.isDamaged], ['<Event><!DOCTYPE a></Event>', 'UNKNOWN', true]);
  assert.equal(one('<Event></Event>').message, 'Event ? from an unknown provider (no message text installed)');
});

const REAL = fileURLToPath(new URL('../../../shared/data/winevent/', import.meta.url));
const skip = existsSync(REAL) ? false : 'no ../shared/data beside the checkout';

interface Golden {
  readonly recordId: string;
  readonly time: string;
  readonly provider: string;
  readonly providerGuid: string | null;
  readonly eventSource: string | null;
  readonly eventId: string;
  readonly qualifiers: string | null;
  readonly level: string;
  readonly task: string;
  readonly opcode: string;
  readonly keywords: string;
  readonly channel: string;
  readonly computer: string;
  readonly activityId: string | null;
  readonly pid: string;
  readonly tid: string;
  readonly userSid: string | null;
  /** null: it has UserData. */
  readonly data: readonly (readonly [string | null, string])[] | null;
  readonly binary: string | null;
  readonly rendering?: {
    readonly message: string | null;
    readonly keywords: readonly string[];
    readonly task: string | null;
  };
}

function check(event: WindowsEvent | undefined, golden: Golden): void {
  const attributes = Object.fromEntries((event?.attributes ?? []).map(({ name, value }) => [name ?? '', value]));
  const unlessZero = (value: string | null) => (value === '0' || value === null ? undefined : value);
  assert.deepEqual(
    {
      recordId: String(event?.recordId),
      timeText: event?.timeText,
      provider: event?.provider,
      eventId: String(event?.eventId),
      channel: event?.channel,
      computer: event?.computer,
      level: attributes.levelNumber,
      guid: attributes.providerGuid,
      source: attributes.eventSource,
      qualifiers: attributes.qualifiers,
      task: attributes.task,
      opcode: attributes.opcode,
      keywords: attributes.keywords,
      keywordNames: attributes.keywordNames,
      taskName: attributes.taskName,
      activityId: attributes.activityId,
      pid: attributes.processId,
      tid: attributes.threadId,
      userSid: attributes.userSid,
      data: golden.data && event?.data.map(({ name, value }) => [name ?? null, value]),
      isDamaged: event?.isDamaged,
      hasText: event?.hasText,
    },
    {
      recordId: golden.recordId,
      timeText: golden.time,
      provider: golden.provider,
      eventId: golden.eventId,
      channel: golden.channel,
      computer: golden.computer,
      level: golden.level,
      guid: golden.providerGuid ?? undefined,
      source: golden.eventSource === golden.provider ? undefined : (golden.eventSource ?? undefined),
      qualifiers: unlessZero(golden.qualifiers),
      task: unlessZero(golden.task),
      opcode: unlessZero(golden.opcode),
      keywords: golden.keywords,
      keywordNames: golden.rendering?.keywords.join(', ') || undefined,
      taskName: golden.rendering?.task ?? undefined,
      activityId: golden.activityId ?? undefined,
      pid: unlessZero(golden.pid),
      tid: unlessZero(golden.tid),
      userSid: golden.userSid ?? undefined,
      data: golden.data && [...golden.data, ...(golden.binary === null ? [] : [['Binary', golden.binary]])],
      isDamaged: false,
      hasText: Boolean(golden.rendering?.message?.trim()),
    },
  );
  const lines = (text: string) =>
    text
      .split(/\r\n|\r|\n/)
      .map((line) => line.trimEnd())
      .join('\n')
      .trim();
  if (golden.rendering?.message) assert.equal(event?.message.trim(), lines(golden.rendering.message));
  assert.notEqual(event?.message, '');
}

function goldens(name: string): Golden[] {
  const lines = readFileSync(`${REAL}rendered/${name}.golden.jsonl`, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Golden);
}

for (const [name, count] of [
  ['Application', 366],
  ['System-first300', 300],
] as const) {
  test(`windows event: ${count} real ones of ${name} say what Windows itself says`, { skip }, () => {
    const all = goldens(name);
    const bytes = readFileSync(`${REAL}rendered/${name}.wevtutil-shape.utf8.txt`);
    const { events } = read(bytes, { piece: 4_099 });
    assert.deepEqual([events.length, all.length], [count, count]);
    for (const [index, golden] of all.entries()) check(events[index], golden);
  });
}

for (const [file, form] of [
  ['Application-last50.wevtutil-shape.utf16le-bom.bin', 'utf-16le with byte order mark'],
  ['Application-last10.wevtutil-shape.utf16le-nobom.bin', 'utf-16le'],
] as const) {
  test(`windows event: real ones, ${form}`, { skip }, () => {
    const byId = new Map(goldens('Application').map((golden) => [golden.recordId, golden]));
    const found = read(readFileSync(`${REAL}rendered/${file}`), { piece: 4_099 });
    assert.deepEqual([found.events.length, found.form], [Number(/last(\d+)/.exec(file)?.[1]), form]);
    for (const event of found.events) {
      const golden = byId.get(String(event.recordId));
      assert.ok(golden);
      check(event, golden);
    }
  });
}

test('windows event: a real one in a Chinese console code page', { skip }, () => {
  const { events, form } = read(readFileSync(`${REAL}rendered/oem936-one-event.bin`), { locale: 'zh-CN' });
  assert.deepEqual([events.length, form], [1, 'console code page']);
  assert.match(events[0]?.message ?? '', /^Updated Windows 客户端 Defender status successfully/);
});

test('windows event: what Event Viewer exports, with a root element and a byte order mark', { skip }, () => {
  const { events } = read(readFileSync(`${REAL}eventviewer-export/Application.xml`));
  assert.deepEqual(
    events.map(({ recordId }) => Number(recordId)).sort((a, b) => a - b),
    Array.from({ length: 366 }, (_, i) => i + 1),
  );
});

test('windows event: printed over several lines, with double quotes', { skip }, () => {
  const { events } = read(readFileSync(`${REAL}otel-xml/xmlRenderingInfoSystem.xml`));
  assert.deepEqual(
    [events[0]?.recordId, events[0]?.message, events[0]?.data.map(({ value }) => value)],
    [
      17_353n,
      'The Software Protection service entered the running state.',
      ['Software Protection', 'running', '7300700070007300760063002F0034000000'],
    ],
  );
});
