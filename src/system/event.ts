/**
 * Waiting for something that another part of the program does. An event that nobody waits for is remembered by nobody:
 * look at the state first, then wait, without anything in between.
 */
export interface Event {
  /** Wakes everybody who waits now. */
  fire(): void;
  /** Resolves at the next `fire`, or when the signal aborts: the caller looks at both. */
  wait(signal?: AbortSignal): Promise<void>;
}

export function createEvent(): Event {
  const waiting = new Set<() => void>();
  return {
    fire() {
      const now = [...waiting];
      waiting.clear();
      for (const wake of now) wake();
    },
    wait(signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal?.addEventListener('abort', wake);
      });
    },
  };
}
