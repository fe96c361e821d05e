/**
 * What an import takes from a file of another log: drafts, and with them what people did with the entries there. Readers
 * are fed line by line and tell of each record as soon as it is whole.
 */
import type { Draft, Fields } from '../../entry/entry.ts';
import { FIELD_COUNT_MAX, FIELDS_LENGTH_MAX } from '../../entry/limits.ts';
import type { StateChange } from '../../entry/state.ts';
import type { PlainEntry } from './plain-entries.ts';

/** `text`: lines of app.log; `jsonl`: a JSON object per line; `plain`: any other lines. */
export type ImportFormat = 'text' | 'jsonl' | 'plain';

export interface ImportRecord {
  /** Where it begins, from 1. */
  readonly line: number;
  /** With the old id in the field `id`. */
  readonly draft: Draft;
  /** In lower case. */
  readonly oldId?: string | undefined;
  /** What the line itself says of its state; undefined: nothing, or nothing that must be set. */
  readonly state?: StateChange | undefined;
}

export interface RecordListener {
  onRecord(record: ImportRecord): void;
  /**
   * Takes an entry of an app.log as it lies in the bytes, without a draft between, or says false: then it comes as a record,
   * as all do where this is missing.
   * @param line from 1
   */
  readonly onPlainEntry?: ((entry: PlainEntry, line: number) => boolean) | undefined;
  /** @param line from 1 */
  onBadLine(line: number, reason: string): void;
}

/** Reads the lines of one format. */
export interface LineReader {
  /** @param number of the line, from 1; numbers that are left out are blank lines */
  line(text: string, number: number): void;
  /** There is no more. */
  end(): void;
}

const OLD_ID = 'id';

/**
 * Fields with the id that an entry had where it comes from. What the entry itself kept under that name, as when it was
 * imported there too, goes on as `id.before`. Undefined: there is no room for it.
 */
export function withOldId(fields: Fields | undefined, oldId: string): Fields | undefined {
  if (fields === undefined) return { [OLD_ID]: oldId };
  if (Object.keys(fields).length >= FIELD_COUNT_MAX) return undefined;
  if (JSON.stringify(fields).length > FIELDS_LENGTH_MAX - 2 * oldId.length) return undefined;
  if (!Object.hasOwn(fields, OLD_ID) || fields[OLD_ID] === oldId) return { ...fields, [OLD_ID]: oldId };
  const { [OLD_ID]: before, ...others } = fields;
  let name = `${OLD_ID}.before`;
  while (Object.hasOwn(fields, name)) name += '.before';
  return { ...others, [OLD_ID]: oldId, [name]: before ?? null };
}
