/**
 * What makes repeats harmless: of each producer the last batch that was stored. Bounded by PRODUCERS_MAX.
 */
import { PRODUCERS_MAX } from '../entry/limits.ts';
import type { AppendResult, BatchOrigin } from './store.ts';

/** The last batch of a producer that was stored. */
export interface ProducerMark {
  readonly sequence: number;
  readonly bodyHash: string;
  /** Missing when the batch was empty. */
  readonly firstId?: string | undefined;
  readonly lastId?: string | undefined;
}

export interface Producers {
  /** The answer to a batch that must not be stored; undefined: it is new. */
  judge(origin: BatchOrigin): AppendResult | undefined;
  set(producer: string, mark: ProducerMark): void;
  /** The one quiet for longest first. */
  marks(): IterableIterator<[string, ProducerMark]>;
  readonly size: number;
}

export function createProducers(countMax = PRODUCERS_MAX): Producers {
  const marks = new Map<string, ProducerMark>();
  return {
    judge: (origin) => judgeRepeat(marks.get(origin.producer), origin),
    set(producer, mark) {
      // Set anew at the end: the map's order is the order of silence.
      marks.delete(producer);
      marks.set(producer, mark);
      if (marks.size <= countMax) return;
      for (const quietest of marks.keys()) {
        marks.delete(quietest);
        break;
      }
    },
    marks: () => marks.entries(),
    get size() {
      return marks.size;
    },
  };
}

/** The answer to a batch that comes after that mark; undefined: it is new. */
function judgeRepeat(last: ProducerMark | undefined, origin: BatchOrigin): AppendResult | undefined {
  if (last === undefined || origin.sequence > last.sequence) return undefined;
  if (origin.sequence < last.sequence) return { kind: 'duplicate' };
  if (origin.bodyHash !== last.bodyHash) return { kind: 'conflict' };
  return { kind: 'duplicate', firstId: last.firstId, lastId: last.lastId };
}
