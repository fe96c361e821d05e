/**
 * A viewer of a live stream that hangs up now and then, also in the middle of an event, and goes on with the id it has
 * got, as a browser does. A server that is away is asked again.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { entriesIn, readStream } from './events.ts';
import type { Random } from './faulty-files.ts';

export interface ResumingViewerOptions {
  /** Where the stream is, with its query. */
  readonly url: string;
  /** Undefined: with the newest entry. */
  readonly position: string | undefined;
  readonly random: Random;
}

export interface ResumingViewer {
  /** The messages it got, over all of its connections. */
  readonly messages: readonly string[];
  readonly connectionCount: number;
  /** Entries it was told it missed. */
  readonly missed: number;
  /** Hangs up; resolves when no more comes. */
  stop(): Promise<void>;
}

/** A connection is held at most that long, then cut. */
const HELD_MS_MAX = 600;
const AWAY_MS_MAX = 100;
const RETRY_MS = 20;

/** @returns once it is there for the first time */
export async function startResumingViewer(options: ResumingViewerOptions): Promise<ResumingViewer> {
  const { random } = options;
  const stop = new AbortController();
  const messages: string[] = [];
  let position = options.position;
  let connectionCount = 0;
  let missed = 0;

  async function open() {
    // The header and the parameter are two doors to the same.
    const byHeader: Record<string, string> =
      position !== undefined && random() < 0.5 ? { 'last-event-id': position } : {};
    const url = new URL(options.url);
    if (position !== undefined && byHeader['last-event-id'] === undefined)
      url.searchParams.set('last_event_id', position);
    const stream = await readStream(url.href, byHeader);
    connectionCount++;
    return stream;
  }

  async function watch(stream: Awaited<ReturnType<typeof open>>): Promise<void> {
    const heldMs = Math.floor(random() * HELD_MS_MAX);
    const isOver = new Promise((resolve) => stream.response.once('close', resolve));
    await Promise.race([isOver, pause(heldMs, undefined, { signal: stop.signal }).catch(whenStopped)]);
    stream[Symbol.dispose]();
    position = stream.position() ?? position;
    messages.push(...entriesIn(stream.events).map(({ message }) => message));
    for (const { event, data } of stream.events) if (event === 'gap') missed += data.missed;
    await pause(random() < 0.5 ? 0 : Math.floor(random() * AWAY_MS_MAX));
  }

  async function run(first: Awaited<ReturnType<typeof open>>): Promise<void> {
    await watch(first);
    while (!stop.signal.aborted) {
      const stream = await open().catch(() => undefined);
      if (stream) await watch(stream);
      else await pause(RETRY_MS);
    }
  }

  const running = run(await open());
  return {
    messages,
    get connectionCount() {
      return connectionCount;
    },
    get missed() {
      return missed;
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
}

function whenStopped(): void {
  // The pause ends early; what was read by then counts.
}
