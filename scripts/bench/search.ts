/**
 * Times what people ask of a store, over HTTP:
 *   node scripts/bench/search.ts URL [--repeat 5]
 * The store holds a corpus once (scripts/bench/fill.ts); the rare word must then be found three times.
 */
import { parseArgs } from 'node:util';
import { paths } from '../../src/api/paths.ts';
import { COMMON_WORD, RARE_WORD } from './corpus.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { repeat: { type: 'string', default: '5' } },
});
const server = positionals[0] ?? 'http://127.0.0.1:5000';

const questions: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  ['newest 100', paths.search, {}],
  ['rare word', paths.search, { query: RARE_WORD }],
  ['common word, newest 100', paths.search, { query: COMMON_WORD }],
  ['a word nowhere', paths.search, { query: 'quokka' }],
  ['regular expression', paths.search, { query: `/${COMMON_WORD} of (500|1000)ms/` }],
  ['level and client', paths.search, { query: 'level>=error client:client-07' }],
  ['count by level', paths.stats, {}],
  ['count by level, common word', paths.stats, { query: COMMON_WORD }],
  ['histogram of the day', paths.histogram, { buckets: '96' }],
];

for (const [name, path, parameters] of questions) {
  const timesMs: number[] = [];
  let answer = '';
  for (let round = 0; round < Number(values.repeat); round++) {
    const startMs = performance.now();
    const response = await fetch(`${new URL(path, server)}?${new URLSearchParams(parameters)}`);
    answer = await response.text();
    timesMs.push(performance.now() - startMs);
  }
  timesMs.sort((a, b) => a - b);
  const medianMs = timesMs[Math.floor(timesMs.length / 2)] ?? 0;
  process.stdout.write(`${name.padEnd(30)} ${medianMs.toFixed(1).padStart(9)} ms  ${shown(answer)}\n`);
}

function shown(answer: string): string {
  const body: Record<string, unknown> = JSON.parse(answer);
  const partial = body.partial === true ? ', partial' : '';
  if (Array.isArray(body.logs)) return `${body.logs.length} entries${partial}`;
  if (Array.isArray(body.buckets)) return `${body.buckets.length} buckets${partial}`;
  return answer.slice(0, 100);
}
