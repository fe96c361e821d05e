/**
 * Entries of several lines, out of a file that grows and out of a pipe: whole, once, whenever the agent is started again.
 */
import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { fileSource } from '../../src/agent/sources/file.ts';
import { stdinSource } from '../../src/agent/sources/stdin.ts';
import { decoderFor } from '../../src/decode/joining-decoder.ts';
import type { TextEncoding } from '../../src/decode/lines.ts';
import { startAgent } from '../support/agent-run.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startIngestSink } from '../support/ingest-sink.ts';

const TRACE = [
  '2026-11-23 03:10:11,123 ERROR order 1 failed',
  'java.lang.IllegalStateException: closed',
  '\tat com.example.Order.close(Order.java:118)',
];
const NEXT = '2026-11-23 03:10:12,000 INFO next';

for (const encoding of ['utf8', 'utf16le'] as const satisfies readonly TextEncoding[]) {
  test(`joining decoder: the same entries and places however the bytes are cut (${encoding})`, () => {
    const lines = fc.array(
      fc.constantFrom('head', ' more', '', '\tüber', 'Caused by: x', 'Ā', '2026-11-23 03:10:11 a'),
      {
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(lines, fc.array(fc.nat({ max: 9 }), { maxLength: 30 }), (texts, cuts) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''), encoding);
        const whole = entriesOf(bytes, encoding, [bytes.length]);
        assert.deepEqual(entriesOf(bytes, encoding, cuts), whole);
        assert.equal(whole.join('\n'), texts.filter((text) => text !== '').join('\n'));
      }),
    );
  });
}

/** What is held is read again from where `pendingBytes` says, as after a restart. */
function entriesOf(bytes: Buffer, encoding: TextEncoding, cuts: readonly number[]): string[] {
  const options = { encoding, lineBytesMax: 1_000, joinsLines: true } as const;
  const entries: string[] = [];
  let decoder = decoderFor({ ...options, atStart: true });
  let at = 0;
  for (const [index, cut] of cuts.entries()) {
    decoder.feed(bytes.subarray(at, at + cut), (entry) => entries.push(entry));
    at = Math.min(bytes.length, at + cut);
    if (index % 3 !== 2) continue;
    at -= decoder.pendingBytes;
    decoder = decoderFor({ ...options, atStart: at === 0 });
  }
  decoder.feed(bytes.subarray(at), (entry) => entries.push(entry));
  decoder.end((entry) => entries.push(entry));
  return entries;
}

async function follow(t: TestContext, path: string, folder: string) {
  const sink = await startIngestSink();
  t.after(() => sink.close());
  const sources = () =>
    [
      fileSource({ patterns: [path], from: 'start', clientId: 'web-1', lineBytesMax: 65_536, joinsLines: true }),
    ] as const;
  return { sink, start: () => startAgent(t, { server: sink.url, sources: [...sources()], stateFolder: folder }) };
}

test('file: a stack trace becomes one entry with the time and level of its first line, also when it comes in pieces', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'app.log');
  writeFileSync(path, `${TRACE[0]}\n${TRACE[1]}\n`);
  const { sink, start } = await follow(t, path, join(folder, 'state'));
  const agent = start();
  await wait(150);
  appendFileSync(path, `${TRACE[2]}\n${NEXT}\n`);
  await sink.until((entries) => entries.length >= 2, 'both entries');
  assert.deepEqual(
    sink.entries.map(({ level, message }) => [level, message]),
    [
      ['ERROR', TRACE.join('\n')],
      ['INFO', NEXT],
    ],
  );
  await agent.stop();
});

test('file: what is held at a stop is read again and sent once', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'app.log');
  writeFileSync(path, `first\n${TRACE[0]}\n${TRACE[1]}\n`);
  const { sink, start } = await follow(t, path, join(folder, 'state'));
  const agent = start();
  await sink.until((entries) => entries.length >= 1, 'the first entry');
  await agent.stop();
  assert.deepEqual(
    sink.entries.map(({ message }) => message),
    ['first'],
  );
  appendFileSync(path, `${TRACE[2]}\n`);
  const again = start();
  await sink.until((entries) => entries.length >= 2, 'the trace');
  assert.equal(sink.entries[1]?.message, TRACE.join('\n'));
  await again.stop();
  assert.equal(sink.entries.length, 2);
});

test('stdin: a trace is one entry, and is given when the pipe is quiet', async (t) => {
  const sink = await startIngestSink();
  t.after(() => sink.close());
  const input = new PassThrough();
  const source = stdinSource({ input, clientId: 'app', lineBytesMax: 65_536, joinsLines: true });
  const agent = startAgent(t, { server: sink.url, sources: [source], stateFolder: temporaryFolder(t) });
  input.write(`${TRACE[0]}\n`);
  await wait(50);
  input.write(`${TRACE.slice(1).join('\n')}\n`);
  await sink.until((entries) => entries.length >= 1, 'the trace');
  assert.equal(sink.entries[0]?.message, TRACE.join('\n'));
  input.end(`${NEXT}\n  and more`);
  assert.deepEqual(await agent.ended, { kind: 'done' });
  assert.deepEqual(
    sink.entries.map(({ message }) => message),
    [TRACE.join('\n'), `${NEXT}\n  and more`],
  );
});
