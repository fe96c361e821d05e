import assert from 'node:assert/strict';
import { openFileStore } from '../../../src/store/file/file-store.ts';
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
