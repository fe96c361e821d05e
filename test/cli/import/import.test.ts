import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { createFolderTarget } from '../../../src/cli/import/folder-target.ts';
import type { ImportTarget } from '../../../src/cli/import/target.ts';
import type { Store } from '../../../src/store/store.ts';
import { realClock } from '../../../src/system/clock.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { ALL, exportFrom, importInto, memoryStore } from '../../support/transfer.ts';

const idOf = (number: number) => `7f3c1f6e-3c1e-4a5b-9f5e-${String(number).padStart(12, '0')}`;
const line = (number: number, message = `message ${number}`) =>
  `2025-05-01 10:00:${String(Math.floor(number / 1000) % 60).padStart(2, '0')},${String(number % 1000).padStart(3, '0')} - [INFO] - [Client_1] - [ID:${idOf(number)}] - ${message}\n`;
const lines = (count: number) => Array.from({ length: count }, (_, number) => line(number)).join('');

const messagesOf = async (store: Store) =>
  (await exportFrom(store, 'jsonl', ALL))
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text).message as string);

test('import: a file whose import was cut off after any batch is stored whole and once by the next one', async (t) => {
  const file = join(temporaryFolder(t), 'app.log');
  const count = 25_000;
  writeFileSync(file, lines(count));
  for (const cutAt of [0, 1, 2]) {
    const store = memoryStore();
    const target = createFolderTarget(store, realClock);
    let stored = 0;
    const cut: ImportTarget = {
      ...target,
      close: async () => {},
      async store(producer, batch) {
        if (stored++ === cutAt) throw new Error('cut');
        return target.store(producer, batch);
      },
    };
    await assert.rejects(importInto(store, { files: [file], openTarget: async () => cut }), /cut/);
    await importInto(store, { files: [file] });
    assert.deepEqual(
      await messagesOf(store),
      Array.from({ length: count }, (_, number) => `message ${number}`),
    );
  }
});

test('import: the same content is known again, packed in the same way, under another name; other content is not', async (t) => {
  const folder = temporaryFolder(t);
  const store = memoryStore();
  const text = lines(3);
  const write = (name: string, bytes: string | Uint8Array) => {
    writeFileSync(join(folder, name), bytes);
    return { files: [join(folder, name)] };
  };
  assert.equal(await importInto(store, write('app.log', text)), '3 entries imported');
  assert.equal(await importInto(store, write('moved.log', text)), 'nothing new: all 3 entries were there already');
  assert.equal(await importInto(store, write('grown.log', text + line(3))), '4 entries imported');
  assert.equal(store.sizes().entryCount, 7);
});

test('import: gzip and zstd are unpacked whatever the name; one that is cut off fails', async (t) => {
  const folder = temporaryFolder(t);
  for (const pack of [gzipSync, zstdCompressSync]) {
    const store = memoryStore();
    const file = join(folder, 'packed.log');
    const bytes = Buffer.concat([pack(Buffer.from(lines(2))), pack(Buffer.from(line(2)))]);
    writeFileSync(file, bytes);
    await importInto(store, { files: [file] });
    assert.deepEqual(await messagesOf(store), ['message 0', 'message 1', 'message 2']);
    writeFileSync(file, bytes.subarray(0, -3));
    await assert.rejects(importInto(store, { files: [file] }), /cannot unpack .*it is cut off/);
  }
});

test('import: states beside an app.log come with it, also to entries that were there; what people did since stays', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'app.log');
  writeFileSync(file, lines(5));
  const states = {
    [idOf(0)]: { pinned: true, ticketed: false, deleted: false },
    [idOf(1).toUpperCase()]: { pinned: false, ticketed: true, deleted: true, note: 'seen' },
    [idOf(2)]: { pinned: false, ticketed: false, deleted: false },
    [idOf(99)]: { pinned: true, ticketed: false, deleted: false },
    [idOf(3)]: { pinned: false, ticketed: true, deleted: false, status: 'closed', opened: 1_000, closed: 2_000 },
  };
  writeFileSync(join(folder, 'log_state.json'), JSON.stringify(states));
  const store = memoryStore();
  assert.equal(await importInto(store, { files: [file], states: { kind: 'none' } }), '5 entries imported');
  assert.equal(
    await importInto(store, { files: [file] }),
    'nothing new: all 5 entries were there already; 3 states set; 1 state without its entry',
  );
  const all = await store.after('', 10);
  assert.partialDeepStrictEqual(
    all.map(({ state }) => state),
    [
      { isPinned: true, isTicket: false, isDeleted: false },
      { isPinned: false, isTicket: true, isDeleted: true, note: 'seen', ticketStatus: 'open' },
      undefined,
      { isTicket: true, ticketStatus: 'closed', ticketOpenedMs: 1_000, ticketClosedMs: 2_000 },
      undefined,
    ],
  );
  const [, ticket, , closed] = all.map(({ entry }) => entry.id);
  await store.changeState([ticket ?? ''], () => ({ note: 'seen twice' }));
  await store.changeState([closed ?? ''], () => ({ ticketStatus: 'open' }));
  assert.match(await importInto(store, { files: [file] }), /; 3 states there already; 1 state without its entry$/);
  const after = await store.after('', 10);
  assert.equal(after[1]?.state?.note, 'seen twice');
  assert.equal(after[3]?.state?.ticketStatus, 'open');
});

test('import: states that could not be set are set when it is run again', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'app.log');
  writeFileSync(file, lines(3));
  writeFileSync(join(folder, 'log_state.json'), JSON.stringify({ [idOf(1)]: { deleted: true } }));
  const store = memoryStore();
  const target = createFolderTarget(store, realClock);
  const changeState = () => Promise.reject(new Error('cut'));
  await assert.rejects(
    importInto(store, { files: [file], openTarget: async () => ({ ...target, changeState, close: async () => {} }) }),
    /cut/,
  );
  assert.match(await importInto(store, { files: [file] }), /^nothing new: all 3 entries .*; 1 state set$/);
  assert.deepEqual(
    (await store.after('', 9)).map(({ state }) => state?.isDeleted),
    [undefined, true, undefined],
  );
});

test('import: states beside files that are no app.log are left alone, unless they are named', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'old.jsonl');
  writeFileSync(file, `{"message":"m","uuid":"${idOf(1)}","timestamp":"2025-05-01T10:00:00Z"}\n`);
  const path = join(folder, 'log_state.json');
  writeFileSync(path, JSON.stringify({ [idOf(1)]: { pinned: true } }));
  const store = memoryStore();
  assert.equal(await importInto(store, { files: [file] }), '1 entry imported');
  assert.match(await importInto(store, { files: [file], states: { kind: 'file', path } }), /1 state set$/);
  writeFileSync(path, '{"broken');
  await assert.rejects(importInto(store, { files: [file], states: { kind: 'file', path } }), /cannot read the states/);
});

test('import: states of very many entries of the same moment find their entries', async () => {
  const store = memoryStore();
  const text = Array.from({ length: 2_500 }, (_, number) =>
    JSON.stringify({
      message: `m${number}`,
      uuid: idOf(number),
      timestamp: 1_746_093_600_000 + (number % 3),
      is_pinned: true,
    }),
  ).join('\n');
  assert.equal(await importInto(store, { text }), '2,500 entries imported; 2,500 states set');
  assert.ok((await store.after('', 3_000)).every(({ state }) => state?.isPinned));
});

test('import: what is not understood is counted and told with line and reason, and nothing else is lost', async () => {
  const store = memoryStore();
  const text = `{"message":"a"}\n\n{"message":""}\n[]\n{"message":"b"}\n{\n{}\n`;
  const summary = await importInto(store, { text });
  assert.match(
    summary,
    /^2 entries imported; 4 lines not understood \(line 3: "message" is missing.*; line 4: .*; …\)$/,
  );
});

test('import: plain lines are of the client that the file is named after, or of the one that is given', async (t) => {
  const file = join(temporaryFolder(t), 'web-1.log.gz');
  writeFileSync(file, gzipSync('2025-05-01T10:00:00Z error: full\n'));
  const store = memoryStore();
  await importInto(store, { files: [file] });
  await importInto(store, { files: [file], clientId: 'web-2' });
  assert.deepEqual(
    (await store.after('', 9)).map(({ entry }) => [entry.clientId, entry.source, entry.level]),
    [
      ['web-1', 'web-1.log.gz', 'ERROR'],
      ['web-2', 'web-1.log.gz', 'ERROR'],
    ],
  );
});

test('import: a pipe is stored each time it comes', async () => {
  const store = memoryStore();
  for (let time = 0; time < 2; time++) assert.equal(await importInto(store, { text: lines(2) }), '2 entries imported');
  assert.equal(store.sizes().entryCount, 4);
});

test('import: nothing is nothing', async (t) => {
  const file = join(temporaryFolder(t), 'empty.log');
  writeFileSync(file, '');
  assert.equal(await importInto(memoryStore(), { files: [file] }), '0 entries imported');
  assert.equal(await importInto(memoryStore(), { text: '' }), '0 entries imported');
});
