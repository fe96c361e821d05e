/**
 * A file store for tests: opened in a folder, with what it reports kept.
 */
import { type FileStoreOptions, openFileStore } from '../../src/store/file/file-store.ts';
import { createInlinePacker } from '../../src/store/file/packer.ts';
import type { Store } from '../../src/store/store.ts';
import type { Report } from '../../src/system/reporter.ts';

export interface OpenedStore {
  readonly store: Store;
  readonly reports: Report[];
}

export async function openForTest(folder: string, options: Partial<FileStoreOptions> = {}): Promise<OpenedStore> {
  const reports: Report[] = [];
  const store = await openFileStore({
    folder,
    listener: { onCommit() {}, onState() {} },
    reporter: (report) => reports.push(report),
    fsync: 'group',
    // Small blocks are many: a thread for them would only cost time.
    ...(options.sizes ? { packer: createInlinePacker() } : {}),
    ...options,
  });
  return { store, reports };
}
