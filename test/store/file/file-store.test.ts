import assert from 'node:assert/strict';
import { type FileStoreOptions, openFileStore } from '../../../src/store/file/file-store.ts';
import { createInlinePacker } from '../../../src/store/file/packer.ts';
import { type OpenStore, testStoreContract } from '../../contracts/store.ts';
import { temporaryFolder } from '../../support/folder.ts';

const open =
  (more: () => Partial<FileStoreOptions>): OpenStore =>
  (t, { clock, ...listener }) =>
    openFileStore({
      folder: temporaryFolder(t),
      clock,
      listener,
      reporter: (report) => assert.fail(`a healthy store reported: ${report.message}`),
      fsync: 'group',
      ...more(),
    });

testStoreContract(
  'file store',
  open(() => ({})),
);

testStoreContract(
  'file store of many small segments',
  open(() => ({
    sizes: { blockBytes: 300, journalBytesMax: 10_000 },
    segmentBytes: 900,
    packer: createInlinePacker(),
  })),
);
