/**
 * `winevent`: the event logs of Windows, each read on its own through `wevtutil`.
 */
import { hostname } from 'node:os';
import type { Level } from '../../entry/level.ts';
import { createChunkWriter } from '../chunk-writer.ts';
import { type Source, type SourceContext, type SourceEnd, tellFollowing } from '../source.ts';
import { EventLog } from '../winevent/event-log.ts';
import { EVENT_LOG_TIMING, type EventLogTiming } from '../winevent/limits.ts';
import { Wevtutil } from '../winevent/wevtutil.ts';

export interface WineventOptions {
  /** Names of logs, each once. */
  readonly channels: readonly [string, ...string[]];
  /** The program to run. */
  readonly wevtutil: string;
  /** Where a log never read before begins. */
  readonly from: 'start' | 'end';
  /** Without it `EventLogClient_<machine's name>`. */
  readonly clientId?: string | undefined;
  readonly levels?: ReadonlySet<Level> | undefined;
  /** A longer message is cut and marked. */
  readonly lineBytesMax: number;
  readonly timing?: Partial<EventLogTiming> | undefined;
}

export function wineventSource(options: WineventOptions): Source {
  const clientId = options.clientId ?? `EventLogClient_${hostname()}`;
  return { name: 'winevent', clientId, run: (context) => readEventLogs({ ...options, clientId }, context) };
}

async function readEventLogs(
  options: WineventOptions & { readonly clientId: string },
  context: SourceContext,
): Promise<SourceEnd> {
  const { channels, clientId, levels } = options;
  const timing = { ...EVENT_LOG_TIMING, ...options.timing };
  // When one log fails in a way that is not its own, all are stopped: the source is run again as a whole.
  const failed = new AbortController();
  const stop = AbortSignal.any([context.stop, failed.signal]);
  const wevtutil = new Wevtutil({
    program: options.wevtutil,
    clock: context.clock,
    stop,
    silentMsMax: timing.silentMsMax,
    locale: Intl.DateTimeFormat().resolvedOptions().locale,
  });
  tellFollowing(context, [`the event logs ${channels.join(', ')}`], clientId);
  const ends = await Promise.allSettled(
    channels.map(async (channel) => {
      const { from, lineBytesMax } = options;
      const writer = createChunkWriter({ clientId, source: 'winevent', levels });
      const common = { wevtutil, writer, timing, context, stop, logCount: channels.length };
      try {
        return await new EventLog({ channel, from, lineBytesMax, ...common }).run();
      } catch (error) {
        failed.abort();
        throw error;
      }
    }),
  );
  const unreadable: string[] = [];
  for (const end of ends) {
    if (end.status === 'rejected') throw end.reason;
    if (end.value.kind === 'unreadable') unreadable.push(end.value.reason);
  }
  if (unreadable.length === channels.length) return { kind: 'unusable', reason: [...new Set(unreadable)].join('; ') };
  for (const message of unreadable) context.reporter({ severity: 'warning', event: 'channel-unreadable', message });
  return { kind: 'ended' };
}
