/**
 * The event logs of a machine that is not there: what the wevtutil of the tests prints.
 */
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventXml, type MadeEvent } from './windows-events.ts';

export const FAKE_WEVTUTIL = fileURLToPath(new URL('./fake-wevtutil.mjs', import.meta.url));

export interface LogFault {
  readonly channel?: string;
  readonly verb?: 'qe' | 'gli' | 'el';
  /** Without it, until it is taken away. */
  readonly times?: number;
  readonly exitCode?: number;
  readonly delayMs?: number;
  readonly pieceBytes?: number;
  readonly endAfterBytes?: number;
  readonly hang?: boolean;
  readonly silent?: boolean;
  /** Prints in the console's code page, whatever is asked. */
  readonly narrow?: boolean;
  readonly signal?: NodeJS.Signals;
  readonly stderr?: string;
}

export interface EventLogStore {
  readonly folder: string;
  /** Makes the log, empty. */
  create(channel: string): void;
  remove(channel: string): void;
  /** Events of these numbers, `event <id>` their message unless it says otherwise. */
  append(channel: string, ids: readonly number[], rest?: Partial<MadeEvent>): void;
  /** Records as they were printed on a real machine. */
  appendXml(channel: string, records: readonly { readonly id: number; readonly xml: string }[]): void;
  /** Takes away all records up to this one, as clearing and overwriting do; the numbers go on. */
  drop(channel: string, upTo: number): void;
  /** As they stand now; an empty list: all goes well. */
  fail(...faults: readonly LogFault[]): void;
  /** Arguments of every call so far. */
  calls(): string[][];
}

export function createEventLogStore(folder: string): EventLogStore {
  const path = (channel: string) => join(folder, `${channel.replaceAll('/', '%4')}.ndjson`);
  const callsPath = join(folder, 'calls.log');
  return {
    folder,
    create: (channel) => writeFileSync(path(channel), ''),
    remove: (channel) => rmSync(path(channel)),
    append(channel, ids, rest = {}) {
      const lines = ids.map((id) => {
        const xml = eventXml({ id, channel, message: `event ${id}`, ...rest });
        return `${JSON.stringify({ id, xml })}\n`;
      });
      appendFileSync(path(channel), lines.join(''));
    },
    appendXml(channel, records) {
      appendFileSync(path(channel), records.map(({ id, xml }) => `${JSON.stringify({ id, xml })}\n`).join(''));
    },
    drop(channel, upTo) {
      const lines = readFileSync(path(channel), 'utf8').split('\n').slice(0, -1);
      const kept = lines.filter((line) => (JSON.parse(line) as { id: number }).id > upTo);
      writeFileSync(path(channel), kept.map((line) => `${line}\n`).join(''));
    },
    fail: (...faults) => writeFileSync(join(folder, 'faults.json'), JSON.stringify(faults)),
    calls: () =>
      existsSync(callsPath)
        ? readFileSync(callsPath, 'utf8')
            .split('\n')
            // The last one may be half written.
            .slice(0, -1)
            .map((line) => JSON.parse(line) as string[])
        : [],
  };
}
