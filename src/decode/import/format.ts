/**
 * The format of a file to import, told by its first lines.
 */
import { isHeadLine } from '../../entry/codec.ts';
import type { ImportFormat } from './record.ts';

/** Lines looked at. */
const LINES_MAX = 100;

/**
 * A file whose first line begins an entry is an app.log, one whose first line is an object with a message is JSON. Where
 * the first line is neither (what a rotation or an editor left there), most of the first lines decide.
 * @param lines the first ones, whole and not blank
 */
export function detectFormat(lines: readonly string[]): ImportFormat {
  const formats = lines.slice(0, LINES_MAX).map(formatOfLine);
  const [first] = formats;
  if (first === 'text' || first === 'jsonl') return first;
  const count = (format: ImportFormat) => formats.filter((each) => each === format).length;
  // Any line may belong to a message of several lines, so that one head says more than lines of text.
  if (count('text') > 0 && count('text') >= count('jsonl')) return 'text';
  return count('jsonl') > formats.length / 2 ? 'jsonl' : 'plain';
}

function formatOfLine(line: string): ImportFormat {
  if (isHeadLine(line)) return 'text';
  return isEntryObject(line) ? 'jsonl' : 'plain';
}

/** Other programs' JSON lines, without a `message`, are lines like any other: their level and time are found in them. */
function isEntryObject(line: string): boolean {
  if (!/^\s*\{/.test(line)) return false;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
  } catch {
    // Looks like JSON and is none.
    return false;
  }
}
