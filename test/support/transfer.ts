/**
 * Imports and exports within the test's own process, between memory stores.
 */
import { Readable, Writable } from 'node:stream';
import type { ExportFormat } from '../../src/cli/export/entry-text.ts';
import { runExport } from '../../src/cli/export/export.ts';
import { createFolderTarget } from '../../src/cli/import/folder-target.ts';
import { type ImportRequest, runImport } from '../../src/cli/import/import.ts';
import { createLineWriter } from '../../src/cli/output/line-writer.ts';
import { searchFolder } from '../../src/cli/searchable.ts';
import { parseWanted } from '../../src/cli/wanted.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { realClock } from '../../src/system/clock.ts';

/** Everything, the deleted entries too. */
export const ALL = 'is:deleted OR -is:deleted';

export function memoryStore(): Store {
  return createMemoryStore({ listener: { onCommit() {}, onState() {} } });
}

export async function exportFrom(store: Store, format: ExportFormat, query = ''): Promise<string> {
  const pieces: string[] = [];
  const output = new Writable({
    decodeStrings: false,
    write(piece: string, _encoding, done) {
      pieces.push(piece);
      done();
    },
  });
  await runExport({
    where: searchFolder(store),
    wanted: parseWanted(query, {}, Date.now()),
    format,
    writer: createLineWriter(output),
    isForTerminal: false,
    onWritten() {},
  });
  return pieces.join('');
}

/** From a text, as through a pipe, or from files. The store stays open. */
export async function importInto(
  store: Store,
  { text, ...options }: { readonly text?: string } & Partial<ImportRequest>,
): Promise<string> {
  const { summary } = await runImport({
    files: ['-'],
    format: undefined,
    clientId: undefined,
    states: { kind: 'beside' },
    openTarget: async () => ({ ...createFolderTarget(store, realClock), close: async () => {} }),
    stdin: Readable.from(text === undefined || text === '' ? [] : [Buffer.from(text)]),
    clock: realClock,
    onBegin() {},
    stop: new AbortController().signal,
    ...options,
  });
  return summary;
}
