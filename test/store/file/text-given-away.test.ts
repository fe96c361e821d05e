/** Batches whose text the store may give back, and who may look at it until when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Batch, encodeBatch } from '../../../src/entry/batch.ts';
import { readBatchBody } from '../../../src/server/batch-body.ts';
import type { Commit } from '../../../src/store/store.ts';
import { draft } from '../../support/drafts.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

const MESSAGES = ['first', 'second', 'third'];
const NOW_MS = Date.UTC(2026, 0, 2);

const batchOf = (isTextGivenAway: boolean): Batch => ({
  ...encodeBatch(
    MESSAGES.map((message) => draft(message)),
    NOW_MS,
  ),
  isTextGivenAway,
});
const messagesOf = (commit: Commit) => commit.entries().map(({ message }) => message);

test('a text given away: its memory is free once it is stored, and what is stored is whole', async (t) => {
  const told: string[] = [];
  const onCommit = (commit: Commit) => told.push(...messagesOf(commit));
  const { store } = await openForTest(temporaryFolder(t), { listener: { onCommit, onState() {} } });
  const batches = [batchOf(true), batchOf(true), batchOf(true)];
  await Promise.all(batches.map((batch) => store.append(batch)));
  assert.deepEqual(
    batches.map(({ text }) => text.buffer.byteLength),
    [0, 0, 0],
  );
  assert.deepEqual(told, [...MESSAGES, ...MESSAGES, ...MESSAGES], 'a listener looked while it was told');
  const stored = await store.after('', 10);
  assert.deepEqual(
    stored.map(({ entry }) => entry.message),
    [...MESSAGES, ...MESSAGES, ...MESSAGES],
  );
  await store.close();
});

test('a text given away: whoever holds the commit reads it later', async (t) => {
  const held: Commit[] = [];
  const onCommit = (commit: Commit) => {
    commit.hold();
    held.push(commit);
  };
  const { store } = await openForTest(temporaryFolder(t), { listener: { onCommit, onState() {} } });
  await store.append(batchOf(true));
  await store.append(batchOf(true));
  await store.close();
  assert.deepEqual(held.flatMap(messagesOf), [...MESSAGES, ...MESSAGES]);
});

test('a text that is not given away stays with whoever made it', async (t) => {
  const { store } = await openForTest(temporaryFolder(t));
  const batch = batchOf(false);
  const before = batch.text.length;
  await store.append(batch);
  await store.close();
  assert.equal(batch.text.length, before);
});

test('a text given away: a body of POST /logs is one, whichever thread reads it', () => {
  const bytes = Buffer.from('{"message":"one","client_id":"a"}\n');
  const type = 'application/x-ndjson';
  const read = readBatchBody({ bytes, encoding: 'identity', type, nowMs: NOW_MS, needsHash: true });
  assert.ok(read.ok);
  assert.equal(read.batch.isTextGivenAway, true);
});
