/**
 * A time inside a message, so that whoever receives it knows how long it was on its way. Sender and receiver run on one
 * machine.
 */
const STAMP = /@@(\d+\.\d+)@@/g;

/** Wall clock in ms, finer than Date.now(). */
function preciseMs(): number {
  return performance.timeOrigin + performance.now();
}

export function stampedMessage(): string {
  return `@@${preciseMs().toFixed(3)}@@ request completed path=/api/v1/orders/123456 status=200 duration=12ms user=user1234`;
}

/** How long each stamped message in the text has been on its way, ms. */
export function agesMs(text: string): number[] {
  const now = preciseMs();
  return [...text.matchAll(STAMP)].map((match) => now - Number(match[1]));
}
