/**
 * A small store for tests of searching: entries of every kind in many small blocks, with digests or without, and what
 * people have done with them.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeEntry, encodeEntry } from '../../src/entry/codec.ts';
import type { Draft, Entry, EntryState } from '../../src/entry/entry.ts';
import { createIdMaker } from '../../src/entry/id.ts';
import { levelIndex } from '../../src/entry/level.ts';
import { type Block, BlockIndex } from '../../src/store/file/block-index.ts';
import { DigestBuilder } from '../../src/store/file/digest-builder.ts';
import { splitEntries } from '../../src/store/file/head.ts';
import type { SearchView } from '../../src/store/file/search-view.ts';
import { WorkerView } from '../../src/store/file/worker-view.ts';
import { anyDraft, draft } from './drafts.ts';

const DAY_MS = 86_400_000;
export const CORPUS_UNTIL_MS = Date.UTC(2026, 10, 23);
export const CORPUS_SINCE_MS = CORPUS_UNTIL_MS - DAY_MS;

export interface SearchCorpus {
  readonly entries: readonly Entry[];
  readonly states: ReadonlyMap<string, EntryState>;
  readonly view: SearchView;
  /** For a failure's report. */
  readonly [fc.toStringMethod]: () => string;
}

export interface GrownCorpus extends SearchCorpus {
  /** As it was seen when half of the entries were there, by a job that is still under way. */
  readonly before: SearchCorpus;
}

export interface CorpusOptions {
  readonly seed: number;
  /** Of each complete block, or of the first half of them, or of none. */
  readonly digests: 'all' | 'half' | 'none';
  /** Of a block, at least. */
  readonly blockBytes?: number;
}

export function makeSearchCorpus({ seed, digests, blockBytes = 900 }: CorpusOptions): GrownCorpus {
  const lines = linesOf(seed);
  const bytes = Buffer.from(lines.join(''));
  const index = new BlockIndex(() => {}, blockBytes);
  const half = bytes.toString('latin1', 0, bytes.length / 2).lastIndexOf('\n2026-') + 1;
  const entriesBefore = addAll(index, bytes, { from: 0, to: half });
  const before = { blockCount: index.complete.length, growing: index.growing };
  const entries = [...entriesBefore, ...addAll(index, bytes, { from: half, to: bytes.length })];
  assert.ok(index.complete.length > 20);
  const digested = { all: index.complete.length, half: Math.floor(index.complete.length / 2), none: 0 }[digests];
  const tell = (extent: { blockCount: number; growing: Block | undefined }, seen: readonly Entry[]): SearchCorpus => {
    const known = new WorkerView((path) => assert.fail(`${path} is damaged`));
    known.learnBlocks({
      kind: 'blocks',
      segment: 0,
      folder: '',
      text: bytes,
      blocks: index.complete,
      newClients: index.clientNames,
    });
    for (const message of digestsOf(index, bytes, digested))
      known.learnDigests({ kind: 'digests', segment: 0, ...message });
    const states = statesOf(seen);
    for (const about of seen) {
      const state = states.get(about.id);
      if (state) known.learnState(about.id, { ...state, about });
    }
    const view = known.at([{ segment: 0, ...extent }]);
    assert.ok(view);
    return { entries: seen, states, view, [fc.toStringMethod]: () => `corpus ${seed}, ${seen.length} entries` };
  };
  const whole = tell({ blockCount: index.complete.length, growing: index.growing }, entries);
  return { ...whole, before: tell(before, entriesBefore) };
}

/** Told in two messages, as they would be while the segment grows. */
function digestsOf(index: BlockIndex, bytes: Buffer, count: number) {
  const builder = new DigestBuilder({ clientNumber: (clientId) => index.clientNumber(clientId) });
  const first = Math.floor(count / 3);
  return [
    [0, first],
    [first, count],
  ].map(([from, to]) => {
    const shapeCount = builder.book.shapes.length;
    const blocks = index.complete.slice(from, to);
    const digests = blocks.map(({ offset, length }) => builder.digest(bytes.subarray(offset, offset + length)));
    const { shapes, letterMasks, letterGrams } = builder.book;
    const newShapes = shapes.slice(shapeCount);
    return { digests, newShapes, letterMasks: Uint32Array.from(letterMasks), letterGrams: letterGrams.slice() };
  });
}

/** Adds the entries that begin and end between two offsets. */
function addAll(index: BlockIndex, bytes: Buffer, { from, to }: { from: number; to: number }): Entry[] {
  const starts = splitEntries(bytes.subarray(from, to)).map((start) => from + start);
  return starts.slice(0, -1).map((start, at) => {
    const end = starts[at + 1] ?? to;
    const entry = decodeEntry(bytes.toString('utf8', start, end));
    assert.ok(entry);
    const { id, timeMs, clientId, level } = entry;
    index.addScanned({ offset: start, length: end - start, id, timeMs, level: levelIndex(level), clientId });
    return entry;
  });
}

/** Stretches in which somebody has touched an entry, and stretches in which nobody has. */
function statesOf(entries: readonly Entry[]): Map<string, EntryState> {
  const states = new Map<string, EntryState>();
  for (const [at, { id }] of entries.entries()) {
    if (at % 90 > 45 || at % 11 !== 0) continue;
    states.set(id, { isPinned: at % 2 === 0, isTicket: at % 3 === 0, isDeleted: at % 4 === 0 });
  }
  return states;
}

/** Pieces of messages, each of which a query may ask for in part. */
export const MESSAGE_PIECES = [
  'Timeout of 500ms',
  'timeout of 1000ms',
  'ERROR 7',
  'user1443 logged in',
  'rid=be907f17',
  'x=5 y=q',
  'Straße 5',
  'weiß5',
  'ſ',
  '\u212a9',
  'ŉ',
  'ΑΣ σας',
  '\u001b[31mred\u001b[0m',
  '\\x41\\',
  'a\tb',
  '\n',
  '\n\n\tat main (app.js:17)',
  '\t{"a":1}',
  '\u0085',
  '😀 — 温度25度',
  'zyzzyva',
] as const;

const anyMessage = fc
  .array(fc.constantFrom(...MESSAGE_PIECES), { minLength: 1, maxLength: 4 })
  .map((pieces) => pieces.join(' '));

const anyFields = fc.dictionary(
  fc.constantFrom('id', 'http.status', 'source', 'a'),
  fc.constantFrom(404, '404', 'x "y" \\ z', 'é\n', null, true, 'timeout'),
  { maxKeys: 3, noNullPrototype: true },
);

/** Entries as this program writes them, easy and hard ones in turns, and some as others might. */
function linesOf(seed: number): string[] {
  const timesMs = { min: CORPUS_SINCE_MS, max: CORPUS_UNTIL_MS };
  const ids = createIdMaker({ nowMs: () => CORPUS_UNTIL_MS, node: '0123456789ab' });
  const hard = fc.sample(anyDraft(timesMs), { numRuns: 80, seed });
  const ours = fc.sample(fc.tuple(anyMessage, fc.option(anyFields), fc.integer(timesMs)), { numRuns: 240, seed });
  const lines: string[] = [];
  for (const [at, [message, fields, timeMs]] of ours.entries()) {
    const level = (['INFO', 'DEBUG', 'ERROR', 'UNKNOWN'] as const)[at % 4] ?? 'INFO';
    const clientId = at % 60 < 30 ? 'web-1' : `web-${at % 5}`;
    const plain = draft(message, { level, clientId, timeMs, ...(fields && at % 3 === 0 ? { fields } : {}) });
    const drafts: Draft[] = at % 3 === 0 ? [plain, hard[at / 3] ?? plain] : [plain];
    for (const each of drafts) {
      const text = encodeEntry({ ...each, id: ids.next(), timeMs: each.timeMs ?? 0 });
      lines.push(at % 13 === 0 ? foreign(text) : text);
    }
  }
  return lines;
}

/** As another program might have written it: with other escapes, and further lines without a TAB. */
function foreign(text: string): string {
  return text
    .replace(':"timeout"', ':"\\u0074imeout"')
    .replace(/timeout/i, '\\x54imeout')
    .replace(/\n\t(?=.)/, '\n')
    .replace('"http.status"', '"http\\u002estatus"')
    .replace(/\[ERROR\]/, '[ERR]');
}
