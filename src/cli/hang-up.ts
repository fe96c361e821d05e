/**
 * SIGHUP for a command that begins again at it. It is heard without a gap from the first time on: a signal that nobody
 * hears would end the process.
 */
let act: (() => void) | undefined;
let isHeard = false;
let isPending = false;

/** From now on that is done at the signal; at once when one came while nobody listened. */
export function listenForHangUp(onHangUp: () => void): void {
  if (!isHeard) {
    isHeard = true;
    process.on('SIGHUP', () => {
      if (act) act();
      else isPending = true;
    });
  }
  act = onHangUp;
  if (isPending) onHangUp();
  isPending = false;
}

/** Signals are kept for the next listener. */
export function stopListeningForHangUp(): void {
  act = undefined;
}

/** What was asked for by the signals so far is about to be done. */
export function forgetHangUps(): void {
  isPending = false;
}
