import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type SseItem, SseParser } from '../../src/decode/sse.ts';

const encoder = new TextEncoder();

type TextItem = Exclude<SseItem, { kind: 'event' }> | (Omit<SseItem & { kind: 'event' }, 'data'> & { data: string });

/** With the data as text. */
function feed(parser: SseParser, bytes: Uint8Array): TextItem[] {
  return parser.feed(bytes).map((item) => (item.kind === 'event' ? { ...item, data: item.data.toString() } : item));
}

function parse(text: string, eventLengthMax = 1_000): TextItem[] {
  return feed(new SseParser({ eventLengthMax }), encoder.encode(text));
}

function event(data: string, rest: { type?: string; lastEventId?: string } = {}): TextItem {
  return { kind: 'event', type: 'message', lastEventId: '', data, ...rest };
}

describe('sse', () => {
  const cases: [what: string, text: string, items: TextItem[]][] = [
    ['an event', 'data: a\n\n', [event('a')]],
    ['several data lines as one text', 'data: YHOO\ndata: +2\ndata: 10\n\n', [event('YHOO\n+2\n10')]],
    ['a name and an id', 'event: tick\nid: 7\ndata: x\n\n', [event('x', { type: 'tick', lastEventId: '7' })]],
    [
      'an id that lasts',
      'id: 1\ndata: a\n\ndata: b\n\n',
      [event('a', { lastEventId: '1' }), event('b', { lastEventId: '1' })],
    ],
    [
      'an empty id that takes it back',
      'id: 1\ndata: a\n\nid\ndata: b\n\n',
      [event('a', { lastEventId: '1' }), event('b')],
    ],
    ['an id without data, for the next event', 'id: 5\n\ndata: x\n\n', [event('x', { lastEventId: '5' })]],
    ['an id with NUL not at all', 'id: a\u0000b\ndata: x\n\n', [event('x')]],
    ['comments not at all', ': hello\n:\ndata: x\n: more\n\n', [event('x')]],
    ['one space after the colon taken off', 'data:a\n\ndata:  b\n\n', [event('a'), event(' b')]],
    ['a line without a colon', 'data\n\ndata\ndata\n\n', [event(''), event('\n')]],
    ['unknown names not at all', 'foo: bar\ndata: x\n\n', [event('x')]],
    ['an event without data not at all', 'event: x\n\ndata: y\n\n', [event('y')]],
    ['an event that is not ended not at all', 'data: x\n', []],
    ['CR LF and CR as line ends', 'data: a\r\n\r\ndata: b\r\rdata: c\n\r\n', [event('a'), event('b'), event('c')]],
    ['a byte order mark not at all', '\ufeffdata: x\n\n', [event('x')]],
    ['the wait before a reconnect', 'retry: 1500\nretry: soon\n\n', [{ kind: 'retry', retryMs: 1500 }]],
  ];
  for (const [what, text, items] of cases) {
    test(`reads ${what}`, () => {
      assert.deepEqual(parse(text), items);
    });
    test(`reads ${what}, cut at every byte`, () => {
      const bytes = encoder.encode(text);
      for (let at = 1; at < bytes.length; at++) {
        const parser = new SseParser({ eventLengthMax: 1_000 });
        assert.deepEqual(
          [...feed(parser, bytes.subarray(0, at)), ...feed(parser, bytes.subarray(at))],
          items,
          `cut at ${at}`,
        );
      }
    });
  }

  test('a stream with many bytes per character is the same in whatever pieces it comes', () => {
    const text = 'id: é\ndata: 日本語 💥\r\n\r\n: x\revent: tick\rdata: {"a":"ü"}\r\rdata: z\ndata: y\n\n';
    const bytes = encoder.encode(text);
    const whole = parse(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const parser = new SseParser({ eventLengthMax: 1_000 });
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const items = places.slice(1).flatMap((to, index) => feed(parser, bytes.subarray(places[index], to)));
        assert.deepEqual(items, whole);
      }),
    );
  });

  test('an event beyond the bound is passed over and said, and the next one is read', () => {
    const long = 'x'.repeat(500);
    for (const text of [
      `id: 1\ndata: a\n\nid: 2\ndata: ${long}\n\ndata: b\n\n`,
      `id: 1\ndata: a\n\nid: 2\n${`data: ${'x'.repeat(60)}\n`.repeat(9)}\ndata: b\n\n`,
      `id: 1\ndata: a\n\nid: 2\n: ${long}\ndata: y\n\ndata: b\n\n`,
    ]) {
      const expected = [
        event('a', { lastEventId: '1' }),
        { kind: 'oversized', lastEventId: '1' },
        event('b', { lastEventId: '1' }),
      ];
      assert.deepEqual(parse(text, 400), expected);
      const parser = new SseParser({ eventLengthMax: 400 });
      assert.deepEqual(
        [...encoder.encode(text)].flatMap((byte) => feed(parser, Uint8Array.of(byte))),
        expected,
      );
    }
  });

  test('what is passed over is not kept', () => {
    const parser = new SseParser({ eventLengthMax: 1_000 });
    const chunk = encoder.encode('y'.repeat(100_000));
    parser.feed(encoder.encode('data: '));
    const held = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    const before = held();
    for (let count = 0; count < 2_000; count++) parser.feed(chunk);
    assert.ok(held() - before < 60_000_000, 'of 200 MB');
    assert.deepEqual(feed(parser, encoder.encode('\n\ndata: z\n\n')), [
      { kind: 'oversized', lastEventId: '' },
      event('z'),
    ]);
  });
});
