/**
 * Posts bodies one after another over some connections, each connection with one request at a time.
 */
import { Agent, request } from 'node:http';

export interface Posts {
  readonly url: URL;
  readonly bodies: readonly Buffer[];
  readonly contentType: string;
  readonly connections: number;
}

export interface Posted {
  readonly seconds: number;
  /** How long each answer took. */
  readonly timesMs: readonly number[];
  readonly answers: readonly string[];
}

/** @throws Error at the first answer that is none of success */
export async function postAll({ url, bodies, contentType, connections }: Posts): Promise<Posted> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const timesMs: number[] = [];
  const answers: string[] = [];
  let next = 0;

  async function postInTurn(): Promise<void> {
    for (let body = bodies[next++]; body; body = bodies[next++]) {
      const sentMs = performance.now();
      answers.push(await post({ url, agent, contentType, body }));
      timesMs.push(performance.now() - sentMs);
    }
  }

  const startMs = performance.now();
  try {
    await Promise.all(Array.from({ length: connections }, postInTurn));
  } finally {
    agent.destroy();
  }
  return { seconds: (performance.now() - startMs) / 1000, timesMs, answers };
}

export interface Post {
  readonly url: URL;
  readonly agent: Agent;
  readonly contentType: string;
  readonly body: Buffer | string;
}

/** @returns the answer's text */
export function post({ url, agent, contentType, body }: Post): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(text);
        else reject(new Error(`POST ${url.pathname} was answered ${status}: ${text.slice(0, 200)}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
