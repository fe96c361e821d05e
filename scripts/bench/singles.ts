/**
 * One entry per POST /log, as fast as some connections go. wrk sends where it is installed; otherwise Node does, which is
 * slower than a fast server and then measures itself.
 */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { paths } from '../../src/api/paths.ts';
import type { Listening } from './listening.ts';
import { postAll } from './posts.ts';
import { processCost } from './process-cost.ts';

export interface SinglesOptions {
  readonly server: Listening;
  /** A file with a body per line, and the same in memory. */
  readonly bodiesPath: string;
  readonly bodies: readonly Buffer[];
  readonly connections: number;
  readonly seconds: number;
}

export interface Singles {
  readonly answered: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Of the server. */
  readonly cpuSecondsPerMillion: number;
}

interface WrkSummary {
  readonly answered: number;
  readonly seconds: number;
  readonly failed: number;
  readonly p99Ms: number;
}

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));

export const hasWrk = spawnSync('wrk', ['--version']).error === undefined;

/** @throws Error when a request fails or is answered with an error */
export async function sendSingles(options: SinglesOptions): Promise<Singles> {
  const { pid } = options.server;
  const before = processCost(pid).cpuSeconds;
  const { answered, seconds, failed, p99Ms } = await (hasWrk ? withWrk(options) : withNode(options));
  const cpuSeconds = processCost(pid).cpuSeconds - before;
  if (failed > 0) throw new Error(`POST ${paths.log}: ${failed} requests of ${answered} failed`);
  return {
    answered,
    perSecond: answered / seconds,
    p99Ms,
    cpuSecondsPerMillion: (cpuSeconds / answered) * 1e6,
  };
}

async function withWrk({ server, bodiesPath, connections, seconds }: SinglesOptions): Promise<WrkSummary> {
  const url = new URL(paths.log, server.url).href;
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', SCRIPT, url, '--', bodiesPath];
  const { stdout } = await promisify(execFile)('wrk', args);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as WrkSummary;
}

/** Round by round through the bodies until the time is over. */
async function withNode({ server, bodies, connections, seconds }: SinglesOptions): Promise<WrkSummary> {
  const url = new URL(paths.log, server.url);
  const timesMs: number[] = [];
  let spent = 0;
  while (spent < seconds) {
    const posted = await postAll({ url, bodies, contentType: 'application/json', connections });
    spent += posted.seconds;
    timesMs.push(...posted.timesMs);
  }
  timesMs.sort((a, b) => a - b);
  const p99Ms = timesMs[Math.floor(timesMs.length * 0.99)] ?? Number.NaN;
  return { answered: timesMs.length, seconds: spent, failed: 0, p99Ms };
}
