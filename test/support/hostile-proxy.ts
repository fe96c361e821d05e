/**
 * What lies between an agent and its server on a bad day: every request meets what the plan says. The plan comes from a
 * seed, one draw a request, so that the same seed means the same misfortunes in the same order.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './faulty-files.ts';
import { wholeAnswers } from './raw-http.ts';

type Misfortune =
  | 'none'
  /** Reset before anything went through. */
  | 'reset'
  /** Half of the request went through, then both sides are cut. */
  | 'half-request'
  /** Waits a while in the middle of the request. */
  | 'stall-request'
  /** Waits a while in the middle of the answer. */
  | 'stall-answer'
  /** Cut at once; the request arrives all the same, when the agent may long have repeated it. */
  | 'late'
  /** The request went through, the answer is lost: closed, or reset. */
  | 'lost-answer'
  | 'reset-answer'
  /** Half of the answer, then closed. */
  | 'half-answer'
  /** Refused without asking the server. */
  | 'refused';

/** Weights: a good part goes well, so that there is something to spoil. */
const WEIGHTS: readonly (readonly [Misfortune, number])[] = [
  ['none', 40],
  ['reset', 5],
  ['half-request', 8],
  ['stall-request', 6],
  ['stall-answer', 6],
  ['late', 8],
  ['lost-answer', 9],
  ['reset-answer', 6],
  ['half-answer', 6],
  ['refused', 10],
];
const WEIGHTS_SUM = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);

const REFUSALS: readonly string[] = [
  answer('503 Service Unavailable', '{"error":"told to be away"}'),
  answer('503 Service Unavailable', '{"error":"told to be away"}', 'Retry-After: 1\r\n'),
  answer('429 Too Many Requests', '{"error":"told to be slow"}', 'Retry-After: 1\r\n'),
  answer('500 Internal Server Error', 'not JSON'),
  answer('502 Bad Gateway', '<html><body>502 Bad Gateway</body></html>', 'Content-Type: text/html\r\n'),
  answer('200 OK', 'welcome to this network', 'Content-Type: text/plain\r\n'),
];
/** Tries fail longer and longer waits; so many in a row, and the next goes well. */
const IN_A_ROW_MAX = 3;
const STALL_MS_MAX = 700;
const LATE_MS_MAX = 1_200;

export interface HostileProxy {
  readonly url: string;
  /** From now on everything goes through. */
  beHonest(): void;
  /** Requests that are still on their way to the server. */
  readonly underWay: number;
  /** How often each happened. */
  readonly met: ReadonlyMap<Misfortune, number>;
  close(): Promise<void>;
}

export async function startHostileProxy(serverPort: number, random: Random): Promise<HostileProxy> {
  const met = new Map<Misfortune, number>();
  const sockets = new Set<Socket>();
  let isHonest = false;
  let inARow = 0;
  let underWay = 0;

  const server = createServer((client) => {
    hold(client, sockets);
    let received = Buffer.alloc(0);
    let isServing = false;
    client.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      void serve();
    });
    async function serve(): Promise<void> {
      if (isServing) return;
      isServing = true;
      for (let length = requestLength(received); length > 0; length = requestLength(received)) {
        const request = received.subarray(0, length);
        received = received.subarray(length);
        underWay++;
        try {
          await pass(client, request);
        } finally {
          underWay--;
        }
      }
      isServing = false;
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  /** The same number of draws for each request. */
  function draw(): { misfortune: Misfortune; amount: number } {
    const choice = random() * WEIGHTS_SUM;
    const amount = random();
    let misfortune = chosen(choice);
    if (inARow >= IN_A_ROW_MAX) misfortune = 'none';
    inARow = misfortune === 'none' || misfortune.startsWith('stall') ? 0 : inARow + 1;
    return isHonest ? { misfortune: 'none', amount } : { misfortune, amount };
  }

  async function pass(client: Socket, request: Buffer): Promise<void> {
    const { misfortune, amount } = draw();
    met.set(misfortune, (met.get(misfortune) ?? 0) + 1);
    switch (misfortune) {
      case 'reset':
        client.resetAndDestroy();
        return;
      case 'refused':
        client.write(REFUSALS[Math.floor(amount * REFUSALS.length)] ?? '');
        return;
      case 'half-request': {
        const upstream = await reach();
        upstream?.write(request.subarray(0, Math.floor(amount * request.length)), () => upstream.destroySoon());
        client.destroy();
        return;
      }
      case 'late':
        client.destroy();
        await pause(amount * LATE_MS_MAX);
        await ask([request], 0);
        return;
      case 'none':
        forward(await ask([request], 0), client);
        return;
      case 'stall-request': {
        const at = Math.floor(amount * request.length);
        forward(await ask([request.subarray(0, at), request.subarray(at)], amount * STALL_MS_MAX), client);
        return;
      }
      case 'stall-answer': {
        const answered = await ask([request], 0);
        if (answered) client.write(answered.subarray(0, Math.floor(amount * answered.length)));
        await pause(amount * STALL_MS_MAX);
        forward(answered?.subarray(Math.floor(amount * answered.length)), client);
        return;
      }
      case 'lost-answer':
        await ask([request], 0);
        client.destroy();
        return;
      case 'reset-answer':
        await ask([request], 0);
        client.resetAndDestroy();
        return;
      case 'half-answer': {
        const answered = await ask([request], 0);
        client.write(answered?.subarray(0, Math.floor(amount * answered.length)) ?? '', () => client.destroySoon());
        return;
      }
      default:
        misfortune satisfies never;
    }
  }

  /** Over a connection of its own. @returns undefined when the server is away or ends meanwhile */
  async function ask(pieces: readonly Buffer[], betweenMs: number): Promise<Buffer | undefined> {
    const upstream = await reach();
    if (!upstream) return undefined;
    let got = Buffer.alloc(0);
    const isWhole = new Promise<boolean>((resolve) => {
      upstream.on('data', (bytes: Buffer) => {
        got = Buffer.concat([got, bytes]);
        if (wholeAnswers(got.toString('latin1')) > 0) resolve(true);
      });
      upstream.on('close', () => resolve(false));
    });
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await pause(betweenMs);
      if (!upstream.destroyed) upstream.write(piece);
    }
    const hasAnswered = await isWhole;
    upstream.destroy();
    return hasAnswered ? got : undefined;
  }

  async function reach(): Promise<Socket | undefined> {
    const upstream = connect({ host: '127.0.0.1', port: serverPort, noDelay: true });
    hold(upstream, sockets);
    return new Promise((resolve) => {
      upstream.once('connect', () => resolve(upstream));
      upstream.once('close', () => resolve(undefined));
    });
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    beHonest() {
      isHonest = true;
    },
    get underWay() {
      return underWay;
    },
    met,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** @param choice below the sum of the weights */
function chosen(choice: number): Misfortune {
  let below = 0;
  for (const [misfortune, weight] of WEIGHTS) {
    below += weight;
    if (choice < below) return misfortune;
  }
  return 'none';
}

function hold(socket: Socket, sockets: Set<Socket>): void {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => {
    // Either end may be killed at any moment; what it means shows in what is stored.
  });
}

/** A server that did not answer: the agent sees its connection close. */
function forward(answered: Buffer | undefined, client: Socket): void {
  if (answered) client.write(answered);
  else client.destroy();
}

/** Of the first request, with its body; 0: it is not whole yet. */
function requestLength(bytes: Buffer): number {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return 0;
  const [, digits] = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, headEnd)) ?? [];
  const length = headEnd + 4 + Number(digits ?? 0);
  return bytes.length < length ? 0 : length;
}

function answer(status: string, body: string, headers = 'Content-Type: application/json\r\n'): string {
  return `HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
