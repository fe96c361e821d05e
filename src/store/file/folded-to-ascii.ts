/**
 * The characters beyond ASCII that become, or bring in, ASCII letters when case is folded (see foldCase): `ß` meets `SS`,
 * the Kelvin sign `k`. No other character hides an ASCII letter.
 */

/** For use within the brackets of a regular expression. */
export const FOLDED_TO_ASCII = 'ßŉſǰıİẖẗẘẙẚẞ\u212aﬀﬁﬂﬃﬄﬅﬆ';

/** The same as bytes of UTF-8, each byte a character. */
export const FOLDED_TO_ASCII_BYTES =
  /\xc3\x9f|\xc4[\xb0\xb1]|\xc5[\x89\xbf]|\xc7\xb0|\xe1\xba[\x96-\x9a\x9e]|\xe2\x84\xaa|\xef\xac[\x80-\x86]/g;

/** Bytes of one of them, at most. */
export const FOLDED_BYTES_MAX = 3;
