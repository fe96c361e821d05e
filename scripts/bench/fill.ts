/**
 * Posts a corpus to a server that runs already, for other benchmarks and for looking around in it:
 *   node scripts/bench/fill.ts URL [--lines 1000000] [--batch 5000] [--connections 2] [--seed 1] [--pid PID]
 * With --batch 1 each entry is a POST /log. --pid is the server's, for its CPU time and memory.
 */
import { parseArgs } from 'node:util';
import { paths } from '../../src/api/paths.ts';
import { batchesOf, ndjsonOf } from './bodies.ts';
import { shownPercentiles } from './percentiles.ts';
import { postAll } from './posts.ts';
import { processCost } from './process-cost.ts';
import { shownCount } from './shown.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lines: { type: 'string', default: '1000000' },
    batch: { type: 'string', default: '5000' },
    connections: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    pid: { type: 'string' },
  },
});
const count = Number(values.lines);
const perBatch = Number(values.batch);
const url = new URL(perBatch === 1 ? paths.log : paths.logs, positionals[0] ?? 'http://127.0.0.1:5000');
const contentType = perBatch === 1 ? 'application/json' : 'application/x-ndjson';
const bodies = batchesOf(ndjsonOf(count, Number(values.seed)), perBatch);
const cost = () => (values.pid === undefined ? undefined : processCost(Number(values.pid)));

const before = cost();
const { seconds, timesMs } = await postAll({ url, bodies, contentType, connections: Number(values.connections) });
const after = cost();

process.stdout.write(
  `${count.toLocaleString('en')} entries in ${seconds.toFixed(2)} s: ${shownCount(count / seconds)}/s\n` +
    `requests of ${perBatch}: ${shownPercentiles(timesMs)}\n`,
);
if (before && after) {
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  process.stdout.write(
    `server: ${((cpuSeconds / count) * 1e6).toFixed(2)} CPU s per million, ${after.memoryMb.toFixed(0)} MiB (peak ${after.memoryPeakMb.toFixed(0)})\n`,
  );
}
