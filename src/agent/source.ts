/**
 * What a source is to the agent. A source reads its part of the world and hands chunks over; where it is is told with each
 * chunk and given back at the next start. It ends when it has come to its end, when it cannot go on, or when asked.
 */
import type { Clock } from '../system/clock.ts';
import type { Reporter } from '../system/reporter.ts';
import type { Positions } from './checkpoint.ts';
import type { Chunk } from './chunk.ts';
import type { Loss } from './loss.ts';

/** The reason of a stop after which another agent of this process goes on with the same inputs. */
export const READ_ON = 'read on';

export interface Source {
  /** `file`, `syslog`, …: in reports, and the beginning of the keys of its positions. */
  readonly name: string;
  /** Whose entries it sends. */
  readonly clientId: string;
  /** What it throws is trouble that passes: it is told, and the source is run again. */
  run(context: SourceContext): Promise<SourceEnd>;
}

/** Told when a source of files begins, so that a person sees at once what is read and under which name. */
export function tellFollowing(context: SourceContext, patterns: readonly string[], clientId: string): void {
  const message = `${context.once ? 'reading' : 'following'} ${patterns.join(', ')} as client ${clientId}`;
  context.reporter({ severity: 'info', event: 'following', message });
}

export type SourceEnd =
  /** Nothing more will come: the input has ended, `once` has read what was there, or the stop was asked for. */
  | { readonly kind: 'ended' }
  /** It can never work as it is asked for; the reason names the way out. */
  | { readonly kind: 'unusable'; readonly reason: string };

/** What is not known is missing. */
export interface Lag {
  /** That are there and were not read. */
  readonly bytes?: number | undefined;
  /** For how long there has been such a thing. */
  readonly ms?: number | undefined;
}

export type MeasureLag = () => Promise<Lag>;

export interface SourceContext {
  /** Takes the chunk at once; resolves when the source may go on. */
  readonly put: (chunk: Chunk) => Promise<void>;
  /** What a chunk should hold at most: a batch is at least one chunk, and a small spool takes only small batches. */
  readonly chunkBytesMax: number;
  /** Makes a visible WARNING entry and counts the loss. */
  readonly lost: (loss: Loss) => void;
  /** Says how far it is behind, asked now and then. */
  readonly setMeter: (measure: MeasureLag) => void;
  /** Behind everything that was put, also by earlier runs. */
  readonly positions: Positions;
  /** The positions could not be read at the start: what exists now is followed from its end. */
  readonly positionsLost: boolean;
  /** Read what is there now, then end. */
  readonly once: boolean;
  readonly stop: AbortSignal;
  readonly clock: Clock;
  readonly reporter: Reporter;
}
