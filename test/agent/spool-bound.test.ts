/**
 * The bound of the spool, while the server is away: files on disk, lines of every length, sources with and without positions.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Source } from '../../src/agent/source.ts';
import { fileSource } from '../../src/agent/sources/file.ts';
import { simulateSource } from '../../src/agent/sources/simulate.ts';
import { stdinSource } from '../../src/agent/sources/stdin.ts';
import { startAgent } from '../support/agent-run.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startIngestSink } from '../support/ingest-sink.ts';
import { makeState } from '../support/state-folder.ts';

const SPOOL_BYTES = 256 * 1024;
const DROPPED = /the spool was full: (\d+) lines? .*dropped/;

const LINES = Array.from({ length: 30_000 }, (_, index) => `line ${index} ${'x'.repeat(index % 90)}`);
/** Posted, each is forty times as long as in the file. */
const SHORT_LINES = Array.from({ length: 60_000 }, (_, index) => String(index % 10));

const SOURCES: readonly { name: string; lines: readonly string[]; make: (path: string) => Source }[] = [
  { name: 'file', lines: LINES, make: followed },
  { name: 'file of short lines', lines: SHORT_LINES, make: followed },
  {
    name: 'stdin',
    lines: LINES,
    make: () =>
      stdinSource({
        input: Readable.from([Buffer.from(`${LINES.join('\n')}\n`)]),
        clientId: 'web-1',
        lineBytesMax: 65_536,
      }),
  },
];

function followed(path: string): Source {
  return fileSource({ patterns: [path], from: 'start', clientId: 'web-1', lineBytesMax: 65_536 });
}

for (const policy of ['block', 'drop-oldest'] as const) {
  for (const { name, lines, make } of SOURCES) {
    test(`spool: ${policy}, ${name}: the files never take more than the bound while the server is away`, async (t) => {
      const folder = temporaryFolder(t);
      mkdirSync(join(folder, 'spool'));
      const path = join(folder, 'a.log');
      writeFileSync(path, `${lines.join('\n')}\n`);
      const sink = await startIngestSink();
      t.after(() => sink.close());
      sink.choose = () => ({ status: 503, headers: { 'retry-after': '0' } });
      const agent = startAgent(t, {
        server: sink.url,
        sources: [make(path)],
        stateFolder: folder,
        spoolBytesMax: SPOOL_BYTES,
        spoolPolicy: policy,
        once: true,
      });
      let most = 0;
      const measure = () => {
        most = Math.max(most, bytesIn(join(folder, 'spool')));
      };
      const timer = setInterval(measure, 2);
      t.after(() => clearInterval(timer));
      await agent.reported(policy === 'block' ? 'spool-full' : 'spool-dropped');
      await pause(500);
      measure();
      clearInterval(timer);
      assert.ok(most <= SPOOL_BYTES, `${most} bytes`);
      assert.ok(most > SPOOL_BYTES / 4, `${most} bytes: it is there to be used`);
      sink.choose = undefined;
      assert.deepEqual(await agent.ended, { kind: 'done' });
      if (policy === 'block') assert.deepEqual(sink.messages(), lines);
      else {
        const told = sink.notices().reduce((sum, notice) => sum + Number(DROPPED.exec(notice)?.[1] ?? Number.NaN), 0);
        assert.ok(told > 0);
        assert.equal(sink.messages().length + told, lines.length);
      }
    });
  }
}

test('spool: the smallest one takes entries of simulate', async (t) => {
  const sink = await startIngestSink();
  t.after(() => sink.close());
  const agent = startAgent(t, {
    server: sink.url,
    sources: [simulateSource({ count: 200, rate: 0 })],
    stateFolder: temporaryFolder(t),
    spoolBytesMax: 1,
  });
  assert.deepEqual(await agent.ended, { kind: 'done' });
  assert.equal(sink.messages().length, 200);
});

function bytesIn(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder)) bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

test('spool: drop-oldest goes on although the oldest batch alone is larger than the spool has become', async (t) => {
  const state = await makeState(join(temporaryFolder(t), 'state'));
  state.put(1, ['x'.repeat(300_000)]);
  const path = join(state.folder, 'a.log');
  writeFileSync(path, `${LINES.join('\n')}\n`);
  const sink = await startIngestSink();
  t.after(() => sink.close());
  sink.choose = () => ({ status: 503, headers: { 'retry-after': '0' } });
  const options = { server: sink.url, stateFolder: state.folder, spoolBytesMax: 64 * 1024, once: true } as const;
  const agent = startAgent(t, { ...options, sources: [followed(path)], spoolPolicy: 'drop-oldest' });
  await agent.reported('spool-dropped');
  sink.choose = undefined;
  assert.deepEqual(await agent.ended, { kind: 'done' });
  const told = sink.notices().reduce((sum, notice) => sum + Number(DROPPED.exec(notice)?.[1] ?? Number.NaN), 0);
  assert.equal(sink.messages().length + told, LINES.length + 1);
});
