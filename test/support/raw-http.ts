/**
 * HTTP written byte by byte: for requests that no client library would send.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What to send, in pieces that arrive one after another; `end` closes the sending side behind them. */
export interface Sending {
  readonly pieces: readonly (string | Buffer)[];
  readonly end?: boolean;
}

/**
 * Sends over a connection of its own.
 * @returns all that came back until the server closed, or until so many answers were whole
 */
export async function sendRaw(url: string, { pieces, end = false }: Sending, answers: number): Promise<string> {
  const socket = await connectTo(url);
  let got = '';
  const closed = once(socket, 'close');
  socket.setEncoding('latin1').on('data', (text: string) => {
    got += text;
    if (wholeAnswers(got) >= answers) socket.destroy();
  });
  socket.on('end', () => socket.destroy());
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(piece);
    // The next piece is a packet of its own.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (end) socket.end();
  await closed;
  return got;
}

export async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
  socket.on('error', () => {
    // The server may close while we still send; what it said before counts.
  });
  await once(socket, 'connect');
  return socket;
}

/** Final answers that are there with their bodies; all of ours say Content-Length. */
export function wholeAnswers(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; ) {
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd === -1) break;
    const head = text.slice(at, headEnd);
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    at = headEnd + 4 + length;
    if (at <= text.length && !head.startsWith('HTTP/1.1 100')) count++;
  }
  return count;
}
