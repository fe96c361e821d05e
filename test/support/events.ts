/**
 * A live stream read from outside with node:http and a parser of its own, so that a mistake of ours in writing is not
 * hidden by the same mistake in reading.
 */
import { get, type IncomingMessage } from 'node:http';

export interface StreamEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: ReturnType<typeof JSON.parse>;
}

export interface StreamReading extends Disposable {
  readonly events: readonly StreamEvent[];
  readonly response: IncomingMessage;
  /** The position the stream has given, as a browser keeps it. */
  position(): string | undefined;
  /** Resolves once the events fulfil the condition; rejects after the deadline, telling what was there. */
  until(condition: (events: readonly StreamEvent[]) => boolean, deadlineMs?: number): Promise<void>;
}

export async function readStream(url: string, headers: Record<string, string> = {}): Promise<StreamReading> {
  const request = get(url, { headers });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  request.on('error', () => {
    // The end of the server's side; what was read stays.
  });
  const events: StreamEvent[] = [];
  const waiting = new Set<() => void>();
  let text = '';
  let position: string | undefined;
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const { id, ...event } = parse(text.slice(0, end));
      text = text.slice(end + 2);
      position = id ?? position;
      if (event.data !== undefined) events.push({ ...event, id });
    }
    for (const look of waiting) look();
  });
  response.on('error', () => {
    // As above.
  });
  return {
    events,
    response,
    position: () => position,
    until(condition, deadlineMs = 5_000) {
      return new Promise((resolve, reject) => {
        const deadline = setTimeout(() => {
          waiting.delete(look);
          reject(
            new Error(`not within ${deadlineMs} ms; ${events.length} events: ${JSON.stringify(events.slice(-3))}`),
          );
        }, deadlineMs);
        const look = () => {
          if (!condition(events)) return;
          clearTimeout(deadline);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
    [Symbol.dispose]: () => request.destroy(),
  };
}

/** The entries among events, whether they came one by one or in batches. */
export function entriesIn(events: readonly StreamEvent[]): { uuid: string; message: string }[] {
  return events.filter(({ event }) => event === 'message').flatMap(({ data }) => data);
}

function parse(block: string): StreamEvent {
  let event = 'message';
  let id: string | undefined;
  let data: string | undefined;
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) event = line.slice(7);
    else if (line.startsWith('id: ')) id = line.slice(4);
    else if (line.startsWith('data: ')) data = (data === undefined ? '' : `${data}\n`) + line.slice(6);
  }
  return { event, id, data: data === undefined ? undefined : JSON.parse(data) };
}
