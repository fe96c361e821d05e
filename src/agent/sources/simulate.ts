/**
 * `simulate`: a client that never was, for trying things out and for load. Levels and messages at random, every one to
 * two seconds or at a rate; the same seed gives the same entries. Its last words are always the same.
 */
import type { Level } from '../../entry/level.ts';
import { createChunkWriter } from '../chunk-writer.ts';
import type { Source, SourceContext, SourceEnd } from '../source.ts';
import { drawFrom, type Profile } from './simulated-entries.ts';

export interface SimulateOptions {
  /** Without it `Client_<4 digits>`. */
  readonly clientId?: string | undefined;
  readonly levels?: ReadonlySet<Level> | undefined;
  /** Entries in all, the last words among them; undefined: until the stop. */
  readonly count?: number | undefined;
  /** Entries per second, 0 = as fast as possible; undefined: one every 1-2 s. */
  readonly rate?: number | undefined;
  readonly seed?: number | undefined;
  /** What it says; `mixed`. */
  readonly profile?: Profile | undefined;
}

const LAST_WORDS = 'Client application shutting down.';

/** Entries between two looks at the clock, and in one chunk. */
const CHUNK_ENTRIES_MAX = 1_000;

export function simulateSource(options: SimulateOptions): Source {
  const random = createRandom(options.seed ?? Math.floor(Math.random() * 2 ** 32));
  const clientId = options.clientId ?? `Client_${1_000 + Math.floor(random() * 9_000)}`;
  return { name: 'simulate', clientId, run: (context) => simulate(options, clientId, random, context) };
}

async function simulate(
  { levels, count = Number.POSITIVE_INFINITY, rate, profile = 'mixed' }: SimulateOptions,
  clientId: string,
  random: () => number,
  { put, stop, once, clock, chunkBytesMax }: SourceContext,
): Promise<SourceEnd> {
  const drawEntry = drawFrom(profile, random);
  const writer = createChunkWriter({ clientId, source: 'simulate', levels });
  // Without an end of its own, "what is there now" is one entry and the last words.
  const total = once && count === Number.POSITIVE_INFINITY ? 2 : count;
  const startedMs = clock.monotonicMs();
  let made = 0;
  while (!stop.aborted && made < total - 1) {
    const due =
      rate === undefined ? 1 : rate === 0 ? Number.POSITIVE_INFINITY : dueBy(rate, startedMs, clock.monotonicMs());
    const upTo = Math.min(total - 1, made + CHUNK_ENTRIES_MAX, rate ? due : made + due);
    if (upTo > made) {
      for (; made < upTo && writer.bytes < Math.max(1, chunkBytesMax); made++)
        writer.add({ ...drawEntry(), timeMs: clock.nowMs() });
      await put(writer.take());
    }
    if (made >= total - 1) break;
    if (rate === undefined) await clock.sleep(1_000 + random() * 1_000, stop);
    else if (rate > 0)
      await clock.sleep(Math.max(1, (made + 1) * (1_000 / rate) - (clock.monotonicMs() - startedMs)), stop);
  }
  if (total > 0) {
    writer.add({ level: 'INFO', timeMs: clock.nowMs(), message: LAST_WORDS });
    await put(writer.take());
  }
  return { kind: 'ended' };
}

function dueBy(rate: number, startedMs: number, nowMs: number): number {
  return Math.floor(((nowMs - startedMs) / 1_000) * rate) + 1;
}

/** Mulberry32: small, quick and good enough to play with. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
