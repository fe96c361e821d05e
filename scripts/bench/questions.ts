/**
 * What people ask of a store, as requests to a server, and the same as commands over its text where there are such.
 */
import { spawnSync } from 'node:child_process';
import { paths } from '../../src/api/paths.ts';
import { COMMON_WORD, DAY_END_MS, DAY_START_MS, RARE_WORD } from './corpus.ts';

export interface Question {
  readonly work: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Counts the same in a text file: command and arguments, without the file. */
  readonly yardstick?: readonly [command: string, ...args: string[]];
}

const DAY = { since: new Date(DAY_START_MS).toISOString(), until: new Date(DAY_END_MS).toISOString() };

const count = (query: string) => ({ path: paths.stats, parameters: { query } });

export const questions: readonly Question[] = [
  { work: 'count of a rare word', ...count(RARE_WORD), yardstick: ['rg', '-c', RARE_WORD] },
  {
    work: 'count of a common word, any case',
    ...count(COMMON_WORD.toUpperCase()),
    yardstick: ['rg', '-ci', COMMON_WORD.toUpperCase()],
  },
  { work: 'newest 100 with a common word', path: paths.search, parameters: { query: COMMON_WORD, limit: '100' } },
  {
    work: 'rare substring inside a word, any case',
    ...count(RARE_WORD.slice(1, -1).toUpperCase()),
    yardstick: ['rg', '-ci', RARE_WORD.slice(1, -1).toUpperCase()],
  },
  { work: 'substring of an id (a full scan)', ...count('9f2a326'), yardstick: ['rg', '-ci', '9f2a326'] },
  {
    work: 'regular expression, count',
    ...count(`/${COMMON_WORD} of (500|1000)ms/`),
    yardstick: ['grep', '-cE', `${COMMON_WORD} of (500|1000)ms`],
  },
  { work: 'word of one client, count', ...count(`client:client-07 ${COMMON_WORD}`) },
  { work: 'counts by level over all', path: paths.stats, parameters: {} },
  { work: 'histogram by hour and level over all', path: paths.histogram, parameters: { ...DAY, buckets: '24' } },
  {
    work: 'histogram of a common word by hour',
    path: paths.histogram,
    parameters: { ...DAY, buckets: '24', query: COMMON_WORD },
  },
];

export interface Asked {
  readonly ms: number;
  /** Of a count. */
  readonly count: number | undefined;
}

/** @throws Error when the answer is an error, or only part of one */
export async function ask(serverUrl: string, path: string, parameters: Question['parameters'] = {}): Promise<Asked> {
  const beginMs = performance.now();
  const response = await fetch(`${new URL(path, serverUrl)}?${new URLSearchParams(parameters)}`);
  const text = await response.text();
  const ms = performance.now() - beginMs;
  const body = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const isPartial = response.headers.has('x-logd-partial') || body.partial === true;
  if (!response.ok || isPartial) throw new Error(`GET ${path} answered ${response.status} ${text.slice(0, 100)}`);
  const isCount = path === paths.stats;
  return { ms, count: isCount ? Object.values(body).reduce<number>((sum, each) => sum + Number(each), 0) : undefined };
}

/** Undefined: there is no such command here. */
export function askText([command, ...args]: NonNullable<Question['yardstick']>, file: string): Asked | undefined {
  const beginMs = performance.now();
  // The locale of a machine decides how grep reads; ASCII is what it is fastest with.
  const { stdout, status, error } = spawnSync(command, [...args, file], { env: { ...process.env, LC_ALL: 'C' } });
  const ms = performance.now() - beginMs;
  if (error) return undefined;
  if (status === null || status > 1) throw new Error(`${command} ended with ${status}`);
  return { ms, count: Number(stdout.toString().trim() || 0) };
}
