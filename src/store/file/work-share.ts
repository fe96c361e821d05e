/**
 * How several threads work on one job: each takes the next of its pieces until there are none. Shared memory, so that no
 * thread waits for another, and one may come later or leave earlier.
 */
export interface WorkShare {
  /** The number of the next piece, from 0; nobody else gets it. Undefined: this thread is to leave. */
  next(): number | undefined;
}

/** What the threads of one job share. */
export type SharedWork = Int32Array<SharedArrayBuffer>;

const NEXT = 0;
const LEAVES = 1;

export function createSharedWork(): SharedWork {
  return new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
}

/** @param isHelper it leaves when it is asked to; the others go on to the end */
export function shareOf(work: SharedWork, isHelper: boolean): WorkShare {
  return {
    next() {
      if (isHelper && Atomics.load(work, LEAVES) !== 0) return undefined;
      return Atomics.add(work, NEXT, 1);
    },
  };
}

/** Asks the helpers of a job to leave it after the piece that they have; or lets them stay from now on. */
export function dismissHelpers(work: SharedWork, areDismissed: boolean): void {
  Atomics.store(work, LEAVES, areDismissed ? 1 : 0);
}

/** For a job that has one thread. */
export function undivided(): WorkShare {
  let next = 0;
  return { next: () => next++ };
}
