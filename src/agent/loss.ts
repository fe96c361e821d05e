/**
 * What was lost, and the count of all losses since the state folder was made. The count is kept with the positions, so that
 * it becomes safe in one move with the WARNING entry that tells of the loss: neither is there without the other.
 */
import type { GapsReport } from '../api/agent-report.ts';
import type { Positions } from './checkpoint.ts';
import type { PositionChanges } from './chunk.ts';

export interface Loss {
  /** A sentence for a person. */
  readonly what: string;
  /** Lines that are missing; 0: only parts of lines; undefined: nobody can know. */
  readonly lines: number | undefined;
}

/** Among the positions; no source has that name. */
const KEY = 'logd:gaps';

export function gapsIn(positions: Positions): GapsReport {
  const { events, lines, unknown } = positions.get(KEY) ?? {};
  return { events: countOf(events), lines: countOf(lines), unknown: countOf(unknown) };
}

export function withLoss({ events, lines, unknown }: GapsReport, loss: Loss): PositionChanges {
  const isKnown = loss.lines !== undefined;
  return {
    [KEY]: { events: events + 1, lines: lines + (loss.lines ?? 0), unknown: unknown + (isKnown ? 0 : 1) },
  };
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
