/**
 * A number and a time inside a message, so that whoever receives it knows whether one is missing and how long it was on
 * its way. Sender and receiver run on one machine.
 */
const MARK = '@@';
/** The same length in every message: `@@0000001234 1763868000000.123@@`. */
const NUMBER_DIGITS = 10;
const TIME_DIGITS = 17;
const STAMP_LENGTH = 2 * MARK.length + NUMBER_DIGITS + 1 + TIME_DIGITS;

/** Wall clock in ms, finer than Date.now(). */
export function preciseMs(): number {
  return performance.timeOrigin + performance.now();
}

export function stampedMessage(number: number): string {
  const stamp = `${String(number).padStart(NUMBER_DIGITS, '0')} ${preciseMs().toFixed(3)}`;
  return `${MARK}${stamp}${MARK} request completed path=/api/v1/orders/123456 status=200 duration=12ms user=user1234`;
}

/**
 * Tells each stamp in the text.
 * @returns from where the text is to be looked at again when more of it has come
 */
export function readStamps(text: string, onStamp: (number: number, sentMs: number) => void): number {
  let from = 0;
  for (let at = text.indexOf(MARK); at !== -1; at = text.indexOf(MARK, from)) {
    if (at + STAMP_LENGTH > text.length) return at;
    const timeAt = at + MARK.length + NUMBER_DIGITS + 1;
    onStamp(Number(text.slice(at + MARK.length, timeAt - 1)), Number(text.slice(timeAt, timeAt + TIME_DIGITS)));
    from = at + STAMP_LENGTH;
  }
  // The first half of a mark may be the last thing that came.
  return Math.max(from, text.length - MARK.length + 1);
}
