/**
 * What was dropped because the spool was full, since the state folder was made. The count is on disk before the first file
 * goes, and names the batches, so that a crash in between neither sends them nor counts them again.
 */
import type { Files } from '../system/files.ts';
import type { PositionValue } from './chunk.ts';
import { CORRUPT_SUFFIX, statePaths } from './state-files.ts';

/** Lines of sources, and WARNING entries of the agent itself. */
export interface LineCount {
  readonly lines: number;
  readonly notices: number;
}

export interface DropLedger {
  readonly dropped: LineCount;
  readonly batches: number;
  /** Of notices that were dropped themselves: what they told is to be told again. */
  readonly again: LineCount;
  /** What notices have told, as far as is known here; the positions know it better. */
  readonly told: LineCount;
  /** All batches up to `upTo` are done but the one `kept`. */
  readonly upTo: number;
  readonly kept: number;
}

/**
 * Among the positions, so that a notice and the count behind it become safe together: what all notices up to that one
 * have told, and what it tells itself.
 */
export const DROPS_KEY = 'logd:dropped';

const VERSION = 1;
const NOTHING: LineCount = { lines: 0, notices: 0 };
const EMPTY: DropLedger = { dropped: NOTHING, batches: 0, again: NOTHING, told: NOTHING, upTo: 0, kept: 0 };

/** Nothing was dropped when there is no file. One that cannot be read is kept aside, and `corrupt` says so. */
export async function loadDropLedger(
  folder: string,
  files: Files,
): Promise<{ ledger: DropLedger; corrupt: string | undefined }> {
  const ledger = await readDropLedger(folder, files);
  if (ledger) return { ledger, corrupt: undefined };
  const path = statePaths(folder).dropped;
  await files.move(path, path + CORRUPT_SUFFIX);
  return { ledger: EMPTY, corrupt: `${path} is damaged (kept as ${path}${CORRUPT_SUFFIX})` };
}

/** Changes nothing. Undefined: it is damaged. */
export async function readDropLedger(folder: string, files: Pick<Files, 'read'>): Promise<DropLedger | undefined> {
  const bytes = await files.read(statePaths(folder).dropped);
  if (!bytes) return EMPTY;
  try {
    const value = JSON.parse(bytes.toString()) as Partial<DropLedger> & { version?: unknown };
    const counts = [value.dropped, value.again, value.told].flatMap((count) => [count?.lines, count?.notices]);
    const numbers = [...counts, value.batches, value.upTo, value.kept];
    const isWhole = value.version === VERSION && numbers.every((number) => Number.isSafeInteger(number));
    // The look at every number vouches for the shape.
    return isWhole ? (value as DropLedger) : undefined;
  } catch {
    return undefined;
  }
}

export async function saveDropLedger(folder: string, files: Files, ledger: DropLedger): Promise<void> {
  await files.replace(statePaths(folder).dropped, `${JSON.stringify({ version: VERSION, ...ledger })}\n`);
}

/** What is still to be told. */
export function untold({ dropped, again }: DropLedger, told: LineCount): LineCount {
  return {
    lines: Math.max(0, dropped.lines + again.lines - told.lines),
    notices: Math.max(0, dropped.notices + again.notices - told.notices),
  };
}

export function sum(a: LineCount, b: LineCount): LineCount {
  return { lines: a.lines + b.lines, notices: a.notices + b.notices };
}

/** What a notice's position says that all up to it have told. */
export function toldBy(value: PositionValue | null | undefined): LineCount | undefined {
  return value ? { lines: Number(value.lines), notices: Number(value.notices) } : undefined;
}

/** What a notice's position says that it tells itself. */
export function tellsItself(value: PositionValue | null | undefined): LineCount {
  return value ? { lines: Number(value.newLines), notices: Number(value.newNotices) } : NOTHING;
}
