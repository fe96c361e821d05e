import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LineEditor } from '../../src/dashboard/line-editor.ts';
import { ListScroll } from '../../src/dashboard/list-scroll.ts';
import type { DashboardState } from '../../src/dashboard/state.ts';
import { parseQuery } from '../../src/entry/query/parse.ts';
import { createHighlighter } from '../../src/viewer/highlight.ts';
import { idOf } from '../support/entry-json.ts';
import { exampleEntry, exampleState, exampleStateWithAgents, paintExample } from './example.ts';
import { assertGolden, pictureOf, textOf } from './picture.ts';

/** What a frame shows in a state. */
const scenes: Readonly<Record<string, () => DashboardState>> = {
  agents: () => exampleStateWithAgents(),
  clients: () => {
    const state = exampleStateWithAgents();
    state.overlay = { kind: 'clients', selectedId: 'web-2' };
    return state;
  },
  following: () => exampleState(),
  'paused-with-marks': () => {
    const state = exampleState();
    state.viewer.select(idOf(55));
    state.viewer.act([
      { kind: 'pin', id: idOf(55), value: true },
      { kind: 'ticket', id: idOf(56), value: true },
      { kind: 'note', id: idOf(57), note: 'look' },
    ]);
    state.viewer.append([exampleEntry(61), exampleEntry(62, { log_level: 'ERROR' })]);
    state.notice = { text: 'pinned · u undo', kind: 'good', untilMs: 2_000 };
    return state;
  },
  detail: () => {
    const entry = exampleEntry(61, {
      message: 'panic: nil pointer\n\tat main.go:17\n\tat runtime.go:250',
      note: 'seen before the failover',
      source: 'syslog',
      fields: { 'http.status': 500, request_id: 'r-1', user: null, 'a.very.long.name.of.a.field': 'x' },
    });
    const state = exampleState();
    state.viewer.append([entry]);
    state.viewer.select(entry.uuid);
    state.overlay = {
      kind: 'detail',
      entry,
      scroll: 0,
      context: { kind: 'loaded', before: [exampleEntry(59), exampleEntry(60)], after: [exampleEntry(62)] },
    };
    return state;
  },
  help: () => {
    const state = exampleState();
    state.overlay = { kind: 'help' };
    return state;
  },
  'filter-with-a-fault': () => {
    const state = exampleState();
    const editor = new LineEditor({ text: 'level>=loud web' });
    const parsed = parseQuery(editor.text);
    state.prompt = { kind: 'filter', editor, fault: parsed.ok ? undefined : parsed, entryId: undefined };
    return state;
  },
  tickets: () => {
    const state = exampleState();
    const opened = {
      ticket_status: 'open',
      ticket_opened: '2026-11-23T03:10:00.000Z',
      ticket_reopen: false,
      ticket_history: [],
    } as const;
    const closed = { ...opened, ticket_status: 'closed', ticket_closed: '2026-11-23T03:11:00.000Z' } as const;
    state.overlay = {
      kind: 'tickets',
      selected: 1,
      failure: undefined,
      tickets: [
        { ...exampleEntry(5), ...opened, is_ticket: true },
        { ...exampleEntry(7), ...opened, is_ticket: true, note: 'db failover?' },
        { ...exampleEntry(3), ...closed, is_ticket: true },
      ],
    };
    return state;
  },
};

describe('frame', () => {
  for (const [name, scene] of Object.entries(scenes)) {
    for (const [width, height] of [
      [80, 24],
      [180, 45],
    ] as const) {
      test(`${name} at ${width}x${height} looks as it did`, () => {
        assertGolden(`${name}-${width}x${height}`, pictureOf(paintExample(scene(), { width, height }).rows));
      });
    }
  }

  test('without colours and UTF-8 it looks as it did, and is ASCII', () => {
    const { rows } = paintExample(exampleState(), { width: 120, height: 30, hasColor: false, isUtf8: false });
    for (const row of textOf(rows)) assert.match(row, /^[ -~]*$/);
    assertGolden('plain-120x30', pictureOf(rows));
  });

  test('a narrow side shows what agents tell in place of the errors', () => {
    assertGolden('agents-120x30', pictureOf(paintExample(exampleStateWithAgents(), { width: 120, height: 30 }).rows));
  });

  test('an empty list says why it is empty', () => {
    const state = exampleState([]);
    const shown = () => textOf(paintExample(state, { width: 80, height: 24 }).rows).join('\n');
    assert.match(shown(), /No entry yet[\s\S]*logd ship --server http:\/\/127\.0\.0\.1:5000/);
    state.filterText = 'level:error';
    assert.match(shown(), /Nothing matches the filter/);
    const reason = 'cannot reach http://x: nothing listens there. Check the port and the firewall';
    state.viewer.setConnection({ kind: 'waiting', retryAtMs: 0, reason });
    assert.match(shown(), /AWAY[\s\S]*cannot be reached[\s\S]*nothing listens there/);
  });

  for (const [width, height] of [
    [40, 8],
    [41, 9],
    [79, 20],
    [99, 24],
    [100, 24],
    [119, 30],
    [120, 10],
    [300, 100],
  ] as const) {
    test(`every scene fits ${width}x${height}`, () => {
      for (const scene of Object.values(scenes)) {
        const { rows } = paintExample(scene(), { width, height });
        assert.equal(rows.length, height);
        for (const row of rows) assert.equal(row.length, width);
        assert.match(textOf(rows)[0] ?? '', /^ logd {2}● LIVE/);
      }
    });
  }

  test('a screen that is too small says what it needs', () => {
    assert.match(textOf(paintExample(exampleState(), { width: 30, height: 5 }).rows)[0] ?? '', /needs 40x8/);
  });

  test('hostile text stands in its column as text', () => {
    const hostile = [
      '\u001b[8mhidden\u001b[0m',
      '\u009b31mred',
      'abc\u202edef',
      '{bold}{red-fg}tags{/}',
      '\u001b]0;title\u0007',
      '日本語',
      'e\u0301te\u0301',
      '💥👨‍👩‍👧🇩🇪',
      'a\u0300\u0301\u0302\u0303\u0304\u0305b',
    ];
    const entries = hostile.map((message, index) =>
      exampleEntry(index + 1, { message: `${message}|`, client_id: message }),
    );
    const { rows } = paintExample(exampleState(entries), { width: 130, height: 24 });
    for (const row of rows)
      for (const [, character] of row) assert.doesNotMatch(character, /[\u0001-\u001f\u007f-\u009f\u202e\u200d]/);
    const text = textOf(rows);
    assert.match(text[1] ?? '', /\\x1b\[8mhidden\\x1b\[0m\|/);
    assert.match(text[2] ?? '', /\\x9b31mred\|/);
    assert.match(text[3] ?? '', /abc\\u202edef\|/);
    assert.match(text[4] ?? '', /\{bold\}\{red-fg\}tags\{\/\}\|/);
    assert.match(text[8] ?? '', /💥👨👩👧DE\|/);
    // The side's rule stands in one column, whatever is left of it.
    const rule = rows.slice(1, -1).map((row) => row[94]?.[1]);
    assert.deepEqual(new Set(rule), new Set(['│']));
  });

  test('what a search finds is highlighted where it stands, behind wide characters too', () => {
    const state = exampleState([exampleEntry(1, { message: '日本 timeout 語' })]);
    const parsed = parseQuery('timeout');
    assert.ok(parsed.ok);
    state.highlighter = createHighlighter(parsed.query);
    const { rows } = paintExample(state, { width: 80, height: 24 });
    const hits = (rows[1] ?? []).filter(([look]) => look === ((16 << 9) | 221)).map(([, character]) => character);
    assert.equal(hits.join(''), 'timeout');
  });

  test('sideways scroll moves messages only, and new entries do not reset it', () => {
    const state = exampleState();
    state.left = 32;
    const before = textOf(paintExample(state, { width: 80, height: 24 }).rows);
    assert.match(before[20] ?? '', / {1,2}03:11:\d\d\.\d{3} /);
    assert.ok(before.some((row) => row.includes('‹WHERE customer_id') || row.includes('‹')));
    state.viewer.append([exampleEntry(61)]);
    assert.equal(state.left, 32);
    assert.match(textOf(paintExample(state, { width: 80, height: 24 }).rows).join('\n'), /‹/);
  });

  test('wrapped messages go on in the rows below, in their column', () => {
    const state = exampleState([exampleEntry(1, { message: 'x'.repeat(100), client_id: 'web-1' })]);
    state.wraps = true;
    const text = textOf(paintExample(state, { width: 80, height: 24 }).rows);
    assert.equal(text.slice(1, 4).join('').replace(/[^x]/g, '').length, 100);
    assert.match(text[2] ?? '', /^ {26,}x+$/);
  });

  test('while paused rows keep their place when new ones come, and when one above is deleted elsewhere', () => {
    const state = exampleState();
    const scroll = new ListScroll();
    paintExample(state, { width: 80, height: 24, scroll });
    state.viewer.select(idOf(50));
    const before = textOf(paintExample(state, { width: 80, height: 24, scroll }).rows).slice(1, -1);
    state.viewer.append(Array.from({ length: 500 }, (_, index) => exampleEntry(61 + index)));
    assert.deepEqual(textOf(paintExample(state, { width: 80, height: 24, scroll }).rows).slice(1, -1), before);
  });

  test('a gap stands in the list and says how to load it', () => {
    const state = exampleState();
    state.viewer.appendGap(1_204);
    const text = textOf(paintExample(state, { width: 80, height: 24 }).rows);
    assert.match(text[22] ?? '', /─ 1,204 entries came too fast and are not here; Enter loads them ─/);
  });

  test('the cursor of a line being typed stands behind what was typed', () => {
    const state = exampleState();
    state.prompt = { kind: 'search', editor: new LineEditor({ text: '日本x' }), fault: undefined, entryId: undefined };
    assert.deepEqual(paintExample(state, { width: 80, height: 24 }).cursor, { x: 14, y: 23 });
  });
});
