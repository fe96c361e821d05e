import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { EntryJson } from '../../src/entry/entry.ts';
import { ID_NONE } from '../../src/entry/id.ts';
import { LEVELS } from '../../src/entry/level.ts';
import { compileQuery, type Match } from '../../src/entry/query/match.ts';
import { parseQuery } from '../../src/entry/query/parse.ts';
import { actOn, inState } from '../../src/viewer/acts.ts';
import { Viewer } from '../../src/viewer/viewer.ts';
import { entryOf, idOf } from '../support/entry-json.ts';
import { NaiveViewer } from './naive-viewer.ts';

function matchOf(text: string): Match {
  const parsed = parseQuery(text);
  assert.ok(parsed.ok);
  return compileQuery(parsed.query);
}

function shownNumbers(viewer: Viewer): (number | string)[] {
  return viewer.rows(0, 1_000).map((row) => (row.kind === 'gap' ? `gap ${row.missed}` : Number(row.key.slice(-12))));
}

/** Entries 1 to n. */
function viewerWith(count: number, capacity = 100): Viewer {
  const viewer = new Viewer({ capacity: { rows: capacity } });
  viewer.append(Array.from({ length: count }, (_, index) => entryOf(index + 1)));
  return viewer;
}

describe('viewer: history and live entries', () => {
  test('entries that come by both are shown once, in the order of ids', () => {
    const viewer = new Viewer();
    viewer.append([entryOf(5), entryOf(6)]);
    viewer.merge([entryOf(6), entryOf(4), entryOf(2), entryOf(5), entryOf(3)]);
    viewer.append([entryOf(6), entryOf(7)]);
    assert.deepEqual(shownNumbers(viewer), [2, 3, 4, 5, 6, 7]);
  });

  test('beyond the capacity the oldest leave, and headShift says how many', () => {
    const viewer = viewerWith(5, 3);
    assert.deepEqual(shownNumbers(viewer), [3, 4, 5]);
    assert.equal(viewer.snapshot().headShift, 2);
    assert.equal(viewer.entry(idOf(2)), undefined);
  });

  test('large entries are bounded by their length too, the newest is always held', () => {
    const viewer = new Viewer({ capacity: { rows: 100, length: 10_000 } });
    const large = (number: number) => entryOf(number, { message: 'x'.repeat(4_000) });
    viewer.append([1, 2, 3, 4, 5].map(large));
    assert.deepEqual(shownNumbers(viewer), [4, 5]);
    viewer.append([entryOf(6, { message: 'x'.repeat(50_000) })]);
    assert.deepEqual(shownNumbers(viewer), [6]);
    viewer.pause();
    viewer.append([7, 8, 9, 10].map(large));
    viewer.resume();
    assert.deepEqual(shownNumbers(viewer), ['gap 2', 9, 10]);
    viewer.append(
      Array.from({ length: 50 }, (_, index) => entryOf(11 + index, { message: '', fields: { a: 'y'.repeat(1_600) } })),
    );
    assert.equal(viewer.snapshot().shownCount, 4);
  });

  test('a gap stands after the entries that came before it, and what is loaded takes its place', () => {
    const viewer = viewerWith(3);
    viewer.appendGap(4);
    viewer.append([entryOf(8)]);
    assert.deepEqual(shownNumbers(viewer), [1, 2, 3, 'gap 4', 8]);
    const key = viewer.row(3)?.key ?? '';
    assert.deepEqual(viewer.gapRange(key), {
      gap: { kind: 'gap', key, missed: 4, afterId: idOf(3) },
      untilId: idOf(8),
    });
    viewer.fillGap(key, [entryOf(4), entryOf(5)], 2);
    assert.deepEqual(shownNumbers(viewer), [1, 2, 3, 4, 5, 'gap 2', 8]);
    viewer.fillGap(key, [entryOf(6), entryOf(7)], 0);
    assert.deepEqual(shownNumbers(viewer), [1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('a gap before the first entry follows no id', () => {
    const viewer = new Viewer();
    viewer.appendGap(2);
    viewer.appendGap(3);
    viewer.append([entryOf(9)]);
    const row = viewer.row(0);
    assert.ok(row?.kind === 'gap');
    assert.equal(row.afterId, ID_NONE);
    assert.equal(row.missed, 5);
  });
});

describe('viewer: follow and pause', () => {
  test('following selects the newest entry', () => {
    const viewer = viewerWith(3);
    assert.equal(viewer.selectedEntry?.uuid, idOf(3));
    viewer.append([entryOf(4)]);
    assert.equal(viewer.selectedEntry?.uuid, idOf(4));
  });

  test('scrolling up pauses; what comes then is unseen and counted, errors apart', () => {
    const viewer = viewerWith(3);
    viewer.move(-1);
    viewer.append([entryOf(4), entryOf(5, { log_level: 'ERROR' }), entryOf(6, { log_level: 'CRITICAL' })]);
    const { isFollowing, unseen, unseenErrors, selectedKey } = viewer.snapshot();
    assert.deepEqual(
      { isFollowing, unseen, unseenErrors, selectedKey },
      {
        isFollowing: false,
        unseen: 3,
        unseenErrors: 2,
        selectedKey: idOf(2),
      },
    );
    assert.deepEqual(shownNumbers(viewer), [1, 2, 3]);
  });

  test('scrolling down past the end shows what waits, and from the very end follows again', () => {
    const viewer = viewerWith(3);
    viewer.move(-1);
    viewer.append([entryOf(4)]);
    viewer.move(1);
    assert.equal(viewer.selectedEntry?.uuid, idOf(3));
    viewer.move(1);
    assert.equal(viewer.selectedEntry?.uuid, idOf(4));
    assert.equal(viewer.isFollowing, false);
    viewer.move(1);
    assert.equal(viewer.isFollowing, true);
  });

  test('a pause that was asked for lasts until it is ended', () => {
    const viewer = viewerWith(3);
    viewer.pause();
    viewer.move(1);
    viewer.move(1);
    assert.equal(viewer.isFollowing, false);
    viewer.togglePause();
    assert.equal(viewer.isFollowing, true);
  });

  test('a long pause under a flood keeps what is read, and says on going on what was let go', () => {
    const viewer = viewerWith(4, 4);
    viewer.move(-2);
    viewer.append(Array.from({ length: 20 }, (_, index) => entryOf(index + 5)));
    assert.deepEqual(shownNumbers(viewer), [1, 2, 3, 4]);
    assert.equal(viewer.snapshot().unseen, 20);
    viewer.admit();
    assert.deepEqual(shownNumbers(viewer), [2, 3, 4, 'gap 16', 21, 22, 23, 24].slice(-8));
    viewer.resume();
    assert.deepEqual(shownNumbers(viewer), [21, 22, 23, 24]);
  });

  test('older entries loaded while paused stay beside those held', () => {
    const viewer = new Viewer({ capacity: { rows: 4 } });
    viewer.append([entryOf(11), entryOf(12), entryOf(13), entryOf(14)]);
    viewer.move(-3);
    viewer.merge([entryOf(9), entryOf(10)]);
    assert.deepEqual(shownNumbers(viewer), [9, 10, 11, 12, 13, 14]);
    assert.equal(viewer.selectedEntry?.uuid, idOf(11));
    assert.equal(viewer.snapshot().headShift, -2);
  });
});

describe('viewer: states, acts and undo', () => {
  test('a state of the stream changes the entry; a deleted one leaves, a restored one comes back', () => {
    const viewer = viewerWith(3);
    const state = { uuid: idOf(2), is_pinned: true, is_ticket: false, is_deleted: true, note: 'seen' };
    assert.equal(viewer.applyState(state), true);
    assert.deepEqual(shownNumbers(viewer), [1, 3]);
    viewer.applyState({ ...state, is_deleted: false });
    assert.deepEqual(shownNumbers(viewer), [1, 2, 3]);
    assert.deepEqual(viewer.entry(idOf(2)), entryOf(2, { is_pinned: true, note: 'seen' }));
  });

  test('a state of an entry not held is refused, and holds tells whether it would belong here', () => {
    const viewer = new Viewer();
    viewer.append([entryOf(1), entryOf(3)]);
    const state = { uuid: idOf(2), is_pinned: true, is_ticket: false, is_deleted: false };
    assert.equal(viewer.applyState(state), false);
    assert.equal(viewer.holds(idOf(2)), true);
    assert.equal(viewer.holds(idOf(4)), false);
  });

  test('a state reaches an entry that waits, and what is unseen with it', () => {
    const viewer = viewerWith(2);
    viewer.pause();
    viewer.append([entryOf(3, { log_level: 'ERROR' })]);
    viewer.applyState({ uuid: idOf(3), is_pinned: false, is_ticket: false, is_deleted: true });
    assert.equal(viewer.snapshot().unseen, 0);
    assert.equal(viewer.snapshot().unseenErrors, 0);
    viewer.resume();
    assert.deepEqual(shownNumbers(viewer), [1, 2]);
  });

  test('deleting the selected entry selects the next one, undoing brings it back', () => {
    const viewer = viewerWith(3);
    viewer.select(idOf(2));
    viewer.act([{ kind: 'delete', id: idOf(2), value: true }]);
    assert.equal(viewer.selectedEntry?.uuid, idOf(3));
    assert.deepEqual(viewer.undo()?.inverse, [{ kind: 'delete', id: idOf(2), value: false }]);
    assert.deepEqual(shownNumbers(viewer), [1, 2, 3]);
    assert.equal(viewer.undo(), undefined);
  });

  test('an act that the server refuses is as if it had never been', () => {
    const viewer = viewerWith(2);
    viewer.act([{ kind: 'pin', id: idOf(1), value: true }]);
    const step = viewer.act([{ kind: 'note', id: idOf(1), note: 'look' }]);
    viewer.rollBack(step);
    assert.deepEqual(viewer.entry(idOf(1)), entryOf(1, { is_pinned: true }));
    assert.equal(viewer.snapshot().undoCount, 1);
  });

  test('undo of a step on several entries takes all of them back', () => {
    const viewer = viewerWith(3);
    viewer.act([1, 2, 3].map((number) => ({ kind: 'delete', id: idOf(number), value: true }) as const));
    assert.deepEqual(shownNumbers(viewer), []);
    viewer.undo();
    assert.deepEqual(shownNumbers(viewer), [1, 2, 3]);
  });
});

describe('viewer: filter, levels and search', () => {
  test('a filter decides what is shown, counted and unseen; a filter for deleted ones shows them', () => {
    const viewer = new Viewer();
    viewer.append([entryOf(1), entryOf(2, { log_level: 'ERROR' }), entryOf(3, { is_deleted: true })]);
    viewer.setFilter(matchOf('level:error'));
    assert.deepEqual(shownNumbers(viewer), [2]);
    assert.equal(viewer.snapshot().counts.ERROR, 1);
    viewer.pause();
    viewer.append([entryOf(4), entryOf(5, { log_level: 'ERROR' })]);
    assert.equal(viewer.snapshot().unseen, 1);
    viewer.setFilter(matchOf('is:deleted'));
    assert.deepEqual(shownNumbers(viewer), [3]);
    viewer.setFilter(undefined);
    assert.deepEqual(shownNumbers(viewer), [1, 2]);
    assert.equal(viewer.snapshot().unseen, 2);
  });

  test('while following, next and previous lead back from the newest, itself among them', () => {
    for (const direction of [1, -1] as const) {
      const viewer = new Viewer();
      viewer.append([1, 2, 3, 4].map((n) => entryOf(n, { log_level: n % 2 === 0 ? 'ERROR' : 'INFO' })));
      assert.equal(viewer.findLevel(direction, ['ERROR']), 'found');
      assert.equal(viewer.selectedEntry?.uuid, idOf(4));
      viewer.resume();
      assert.equal(viewer.findLevel(direction, ['INFO']), 'found');
      assert.equal(viewer.selectedEntry?.uuid, idOf(3));
    }
  });

  test('next and previous of a level go round', () => {
    const viewer = new Viewer();
    viewer.append([1, 2, 3, 4, 5].map((n) => entryOf(n, { log_level: n % 2 === 0 ? 'ERROR' : 'INFO' })));
    assert.equal(viewer.findLevel(-1, ['ERROR']), 'found');
    assert.equal(viewer.selectedEntry?.uuid, idOf(4));
    assert.equal(viewer.findLevel(-1, ['ERROR']), 'found');
    assert.equal(viewer.findLevel(-1, ['ERROR']), 'wrapped');
    assert.equal(viewer.selectedEntry?.uuid, idOf(4));
    assert.equal(viewer.findLevel(1, ['WARNING']), 'none');
  });

  test('a search finds among what is shown, and what waits too', () => {
    const viewer = viewerWith(3);
    viewer.setSearch(matchOf('message 2'));
    assert.equal(viewer.findHit(-1), 'found');
    assert.equal(viewer.selectedEntry?.uuid, idOf(2));
    viewer.append([entryOf(4, { message: 'message 22' })]);
    assert.equal(viewer.findHit(1), 'found');
    assert.equal(viewer.selectedEntry?.uuid, idOf(4));
    viewer.setSearch(undefined);
    assert.equal(viewer.findHit(1), 'none');
  });
});

test('viewer: random actions show what the plainest model shows', () => {
  const CAPACITY = 6;
  const filters = [undefined, 'level>=warning', 'is:deleted', 'message'];
  const action = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('append'), count: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat'), back: fc.nat(12) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('merge'), numbers: fc.array(fc.nat(40), { maxLength: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('gap'), count: fc.integer({ min: 1, max: 9 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('state'), back: fc.nat(12), deleted: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('select'), index: fc.nat(8) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('filter'), index: fc.nat(filters.length - 1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('pause') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('admit') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('resume') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('delete'), back: fc.nat(12) }) },
  );
  type Action = { do: string; count?: number; back?: number; numbers?: number[]; index?: number; deleted?: boolean };
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const viewer = new Viewer({ capacity: { rows: CAPACITY } });
      const model = new NaiveViewer(CAPACITY);
      let newest = 20;
      // Odd numbers come live, even ones only by a merge, so that a merge meets both held and new ones.
      const make = (number: number) => entryOf(number, { log_level: LEVELS[number % 5] ?? 'INFO' });
      for (const given of actions as Action[]) {
        const { count = 0, back = 0, index = 0 } = given;
        switch (given.do) {
          case 'append': {
            const entries = Array.from({ length: count }, (_, at) => make(newest + at * 2 + 3));
            newest += count * 2;
            viewer.append(entries);
            for (const entry of entries) model.append(entry);
            break;
          }
          case 'repeat': {
            const known = model.find(idOf(newest + 1 - back * 2));
            if (!known) break;
            viewer.append([known]);
            model.append(known);
            break;
          }
          case 'merge': {
            const entries = (given.numbers ?? []).map(make).filter((entry) => entry.uuid < idOf(newest));
            viewer.merge(entries);
            model.merge(entries);
            model.keepSelection();
            break;
          }
          case 'gap':
            viewer.appendGap(count);
            model.appendGap(count);
            break;
          case 'state': {
            const id = idOf(newest + 1 - back * 2);
            const known = model.find(id);
            const state = { uuid: id, is_pinned: true, is_ticket: false, is_deleted: given.deleted ?? false };
            assert.equal(viewer.applyState(state), known !== undefined);
            if (known) model.replace(inState(known, state));
            break;
          }
          case 'delete': {
            const known = model.find(idOf(newest + 1 - back * 2));
            if (!known) break;
            const act = { kind: 'delete', id: known.uuid, value: true } as const;
            viewer.act([act]);
            model.replace(actOn(known, act));
            break;
          }
          case 'select': {
            const row = model.shown[Math.min(index, model.shown.length - 1)];
            viewer.selectIndex(index);
            if (row) model.select(row);
            break;
          }
          case 'filter': {
            const text = filters[index];
            const match = text === undefined ? undefined : matchOf(text);
            viewer.setFilter(match);
            model.shows = (entry) => showsBy(match, entry);
            model.keepSelection();
            break;
          }
          case 'pause':
            viewer.pause();
            model.pause();
            break;
          case 'admit':
            viewer.admit();
            model.admit();
            break;
          case 'resume':
            viewer.resume();
            model.resume();
            break;
        }
        compare(viewer, model);
      }
    }),
    { numRuns: 1_500 },
  );
});

function compare(viewer: Viewer, model: NaiveViewer): void {
  const shown = model.shown;
  const rows = viewer.rows(0, 100);
  assert.deepEqual(
    rows.map((row) => (row.kind === 'gap' ? `gap ${row.missed}` : row.entry)),
    shown.map((row) => (row.kind === 'gap' ? `gap ${row.missed}` : row.entry)),
  );
  rows.forEach((row, index) => {
    assert.equal(viewer.indexOf(row.key), index);
  });
  const snapshot = viewer.snapshot();
  assert.equal(snapshot.shownCount, shown.length);
  assert.equal(snapshot.isFollowing, model.isFollowing);
  const selected = model.selectedRow;
  assert.equal(snapshot.selectedIndex, selected ? shown.indexOf(selected) : -1);
  for (const level of LEVELS) {
    const count = shown.filter((row) => row.kind === 'entry' && row.entry.log_level === level).length;
    assert.equal(snapshot.counts[level], count, level);
  }
  const unseen = model.waiting.filter((row) => row.kind === 'entry' && model.shows(row.entry)).length;
  assert.ok(snapshot.unseen >= unseen, 'at least those that wait are unseen');
  if (model.letGo.length === 0) assert.equal(snapshot.unseen, unseen);
}

function showsBy(match: Match | undefined, entry: EntryJson): boolean {
  if (!match) return !entry.is_deleted;
  const { uuid: id, log_level: level, client_id: clientId, message } = entry;
  return match(
    { id, level, clientId, message, timeMs: Date.parse(entry.timestamp) },
    { isPinned: entry.is_pinned, isTicket: entry.is_ticket, isDeleted: entry.is_deleted },
  );
}
