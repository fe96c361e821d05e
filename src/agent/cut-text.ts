/**
 * A text that is longer than is allowed is cut, never inside a character, and marked.
 */
import { CUT_MARK } from '../entry/limits.ts';

/** At most so many bytes of UTF-8, the mark included. */
export function cutText(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  let end = Math.max(0, bytesMax - CUT_MARK.length);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end) + CUT_MARK;
}
