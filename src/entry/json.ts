/**
 * JSON.parse without a fault of V8 (seen in 14.x, Node 26.10): once an object with the key `a\` was read, a key in the same
 * place that ends in an escape, such as `"a\n"`, is read as `a\` too. So such keys are read with something behind the escape.
 */

/** An escape before the end of a key, or what looks so within a text. */
const MAYBE_ESCAPE_AT_END = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})"\s*:/;
/** A key that ends in an escape. No text within a string looks so: its quotes are escaped. */
const ESCAPE_AT_END = /([{,]\s*"(?:[^"\\]|\\.)*\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))("\s*:)/g;
/** Of this run: no key of a sender ends so. */
const MARK = `:${Math.random().toString(36).slice(2)}`;

/** @throws SyntaxError as JSON.parse does */
export function parseJson(text: string): unknown {
  // Next to no text has such a key; looking for it costs next to nothing.
  if (!MAYBE_ESCAPE_AT_END.test(text)) return JSON.parse(text);
  const marked = text.replace(ESCAPE_AT_END, `$1${MARK}$2`);
  return marked === text ? JSON.parse(text) : withoutMarks(JSON.parse(marked));
}

function withoutMarks(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutMarks);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.endsWith(MARK) ? key.slice(0, -MARK.length) : key,
      withoutMarks(inner),
    ]),
  );
}
