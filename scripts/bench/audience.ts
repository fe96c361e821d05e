/**
 * Many viewers of a live stream in one process. Each must get every number once and in order.
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { paths } from '../../src/api/paths.ts';
import { Delays } from './delays.ts';
import { preciseMs, readStamps } from './stamp.ts';

export class Audience {
  readonly delays = new Delays();
  /** What went wrong first; undefined: nothing. */
  fault: string | undefined;
  readonly #closers: (() => void)[] = [];

  /** How many more viewers, each from the next number on. */
  async open(serverUrl: string, count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#openOne(new URL(paths.stream, serverUrl))));
  }

  close(): void {
    for (const close of this.#closers) close();
  }

  async #openOne(url: URL): Promise<void> {
    const opened = get(url, { agent: false, headers: { accept: 'text/event-stream' } });
    const [response] = (await once(opened, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`GET ${url.pathname} was answered ${response.statusCode}`);
    opened.on('error', () => {
      // Our own closing; the end of the server's side is seen as numbers that are missing.
    });
    this.#closers.push(() => opened.destroy());
    let rest = '';
    let expected = 0;
    let nowMs = 0;
    const onStamp = (number: number, sentMs: number) => {
      if (number !== expected) this.fault ??= `a viewer got entry ${number} where ${expected} was due`;
      expected = number + 1;
      this.delays.add(nowMs - sentMs);
    };
    // One byte, one character: what is looked for is ASCII.
    response.setEncoding('latin1').on('data', (text: string) => {
      nowMs = preciseMs();
      const whole = rest + text;
      rest = whole.slice(readStamps(whole, onStamp));
    });
  }
}
