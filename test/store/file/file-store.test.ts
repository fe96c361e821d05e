import assert from 'node:assert/strict';
import { openFileStore } from '../../../src/store/file/file-store.ts';
import { createInlinePacker } from '../../../src/store/file/packer.ts';
import { testStoreContract } from '../../contracts/store.ts';
import { temporaryFolder } from '../../support/folder.ts';

testStoreContract('file store', async (t, { clock, ...listener }) =>
  openFileStore({
    folder: temporaryFolder(t),
    clock,
    listener,
    reporter: (report) => assert.fail(`a healthy store reported: ${report.message}`),
    fsync: 'group',
  }),
);

testStoreContract('file store of many small segments', async (t, { clock, ...listener }) =>
  openFileStore({
    folder: temporaryFolder(t),
    clock,
    listener,
    reporter: (report) => assert.fail(`a healthy store reported: ${report.message}`),
    fsync: 'group',
    sizes: { blockBytes: 300, journalBytesMax: 10_000 },
    segmentBytes: 900,
    packer: createInlinePacker(),
  }),
);
