/**
 * From `--server` or `--data` to what can be searched.
 */
import { ApiClient } from '../api/client.ts';
import type { Reporter } from '../system/reporter.ts';
import { readCertificate, readToken } from './options.ts';
import { type Searchable, searchFolder, searchServer } from './searchable.ts';

export interface WhereFlags {
  readonly server: string;
  readonly data?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
}

/** @throws CommandError, StoreError */
export async function openSearchable(
  flags: WhereFlags,
  { reporter, signal }: { reporter: Reporter; signal: AbortSignal },
): Promise<Searchable> {
  if (flags.data !== undefined) {
    // Loaded only here: to ask a server needs no store.
    const { openFileReader } = await import('../store/file/open-reader.ts');
    return searchFolder(await openFileReader(flags.data, { reporter }));
  }
  const client = new ApiClient({
    serverUrl: flags.server,
    token: readToken('view', flags.tokenFile, process.env),
    ca: readCertificate(flags.ca),
  });
  return searchServer(client, signal);
}
