/**
 * Lines of an app.log → records. A line that begins no entry belongs to the entry before it, with a TAB at its beginning
 * or without. Blank lines between two entries are layout.
 */
import { isHeadLine } from '../../entry/codec.ts';
import type { Entry } from '../../entry/entry.ts';
import { CLIENT_ID_LENGTH_MAX, CUT_MARK, SOURCE_LENGTH_MAX } from '../../entry/limits.ts';
import { decodeAnyEntry } from './foreign-entry.ts';
import { type LineReader, type RecordListener, withOldId } from './record.ts';

/** Text of one entry, in UTF-16 units: the longest message with every character escaped, and all fields. Beyond: cut. */
const ENTRY_LENGTH_MAX = 8 * 1024 * 1024;

const NO_ENTRY =
  'no entry begins before it ("2026-11-23 03:10:11,123 - [LEVEL] - [client] - [ID:<uuid>] - message" does)';

export function createTextReader({ onRecord, onBadLine }: RecordListener): LineReader {
  let first = 0;
  let last = 0;
  /** The entry's lines so far; undefined: none has begun. */
  let text: string | undefined;
  let isCut = false;

  function finish(): void {
    if (text === undefined) return;
    const entry = decodeAnyEntry(text);
    text = undefined;
    isCut = false;
    const fault = faultOf(entry);
    if (entry === undefined || fault !== undefined) {
      onBadLine(first, fault ?? '');
      return;
    }
    const { id, timeMs, level, clientId, message, source } = entry;
    const fields = withOldId(entry.fields, id) ?? entry.fields;
    onRecord({ line: first, oldId: id, draft: { level, clientId, message, timeMs, source, fields } });
  }

  return {
    line(line, number) {
      const blanks = number - last - 1;
      last = number;
      if (mayBeginEntry(line) && isHeadLine(line)) {
        finish();
        first = number;
        text = line;
      } else if (text === undefined) onBadLine(number, NO_ENTRY);
      else if (text.length + line.length > ENTRY_LENGTH_MAX) {
        if (!isCut) text += CUT_MARK;
        isCut = true;
      } else if (!isCut) text += `${'\n'.repeat(blanks + 1)}${line}`;
    },
    end: finish,
  };
}

/** Why what begins like an entry cannot be one here. */
function faultOf(entry: Entry | undefined): string | undefined {
  if (entry === undefined) return 'there is no such day or time';
  if (entry.message === '') return 'the message is empty';
  if (entry.clientId.length > CLIENT_ID_LENGTH_MAX)
    return `the client id is longer than ${CLIENT_ID_LENGTH_MAX} characters`;
  const isLong = entry.source !== undefined && entry.source.length > SOURCE_LENGTH_MAX;
  return isLong ? `the source is longer than ${SOURCE_LENGTH_MAX} characters` : undefined;
}

/** Cheaper than the expression, for the further lines of long messages. */
function mayBeginEntry(line: string): boolean {
  return line.charCodeAt(4) === 0x2d && line.charCodeAt(23) === 0x20 && line.charCodeAt(19) === 0x2c;
}
