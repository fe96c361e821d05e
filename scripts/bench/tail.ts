/**
 * npm run bench:tail [-- --minutes 1 --rate 20000 --size 180x45 --seed 1 --starts 5 --keys 20]
 * The dashboard in a real terminal (tmux) while a server takes in a seeded load: what it costs, how often it draws, how
 * soon it answers keys, how soon it stands. Prints a table. `--minutes 10` is the long run of the README.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './median.ts';
import { processCost } from './process-cost.ts';
import { installed, serve } from './served.ts';
import { shownCount, shownMs } from './shown.ts';
import { storedCount } from './stored.ts';
import { markdownTable } from './table.ts';
import { openTerminal, type Terminal } from './terminal.ts';

const FLOOD = fileURLToPath(new URL('flood.ts', import.meta.url));
const WARM_MS = 8_000;
/** Between keys: other work, such as what piles up while it is paused. */
const KEY_PAUSE_MS = 400;
const MINUTE_MS = 60_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    rate: { type: 'string', default: '20000' },
    size: { type: 'string', default: '180x45' },
    seed: { type: 'string', default: '1' },
    starts: { type: 'string', default: '5' },
    keys: { type: 'string', default: '20' },
  },
});
const [width = 0, height = 0] = values.size.split('x').map(Number);
const folder = await mkdtemp(join(tmpdir(), 'logd-bench-'));
const server = await serve(join(folder, 'data'));
const flood = spawn(process.execPath, [FLOOD, server.url, values.rate, values.seed], { stdio: 'inherit' });

try {
  await sleep(WARM_MS);
  const starts: number[] = [];
  for (let start = 0; start < Number(values.starts); start++) {
    const terminal = await open();
    starts.push(terminal.firstFrameMs);
    await terminal.close();
  }
  const terminal = await open();
  await sleep(WARM_MS);
  const storedBefore = await storedCount(server.url);
  const framesBefore = terminal.frames();
  const cpuBefore = processCost(terminal.pid).cpuSeconds;
  const startMs = performance.now();
  const stretchMs = Math.min(1, Number(values.minutes)) * MINUTE_MS;
  for (let spentMs = stretchMs; spentMs <= Number(values.minutes) * MINUTE_MS; spentMs += stretchMs) {
    await sleep(stretchMs);
    say(`after ${spentMs / MINUTE_MS} min: ${processCost(terminal.pid).memoryMb.toFixed(0)} MiB`);
  }
  const seconds = (performance.now() - startMs) / 1_000;
  const cpuSeconds = processCost(terminal.pid).cpuSeconds - cpuBefore;
  const frames = terminal.frames() - framesBefore;
  const { memoryMb } = processCost(terminal.pid);
  const rate = ((await storedCount(server.url)) - storedBefore) / seconds;
  const keys = await pressKeys(terminal);
  const { memoryPeakMb } = processCost(terminal.pid);
  await terminal.close();
  const at = (part: number) => keys[Math.min(keys.length - 1, Math.floor(keys.length * part))] ?? Number.NaN;
  const rows = [
    ['entries per second', shownCount(rate)],
    ['CPU, of one core', `${((cpuSeconds / seconds) * 100).toFixed(1)}%`],
    ['frames per second', (frames / seconds).toFixed(1)],
    [`memory after ${values.minutes} min`, `${memoryMb.toFixed(0)} MiB`],
    ['the same at its peak, pauses included', `${memoryPeakMb.toFixed(0)} MiB`],
    ['from a key to its frame, p50', shownMs(at(0.5))],
    ['the same, p99', shownMs(at(0.99))],
    ['from the start to the first frame', shownMs(median(starts))],
  ];
  process.stdout.write(markdownTable(['logd tail', ''], rows));
} finally {
  flood.kill('SIGTERM');
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}

function open(): Promise<Terminal> {
  const command = [installed(), 'tail', '--server', server.url];
  return openTerminal({ width, height, command, env: { LANG: 'C.UTF-8' } });
}

/** Keys that change the picture in a way that can be told from the flood. @returns sorted, ms */
async function pressKeys(terminal: Terminal): Promise<number[]> {
  const times: number[] = [];
  const press = async (key: string, text?: RegExp) => {
    const ms = await terminal.press(key, text);
    if (text) times.push(ms);
    await sleep(KEY_PAUSE_MS * (0.5 + Math.random()));
  };
  for (let round = 0; round < Number(values.keys); round++) {
    await press('?', /next, prev|half a page|scroll side|oldest entry/);
    await press('Escape');
    await press('Space', /PAUSED/);
    await press('/', /Search/);
    await press('Escape');
    await press('Space', /FOLLOWING/);
  }
  return times.sort((a, b) => a - b);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
