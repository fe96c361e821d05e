/** A pipe as a source: how it is written, and what another agent that reads it on gets. */
import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { runAgent } from '../../src/agent/agent.ts';
import { READ_ON } from '../../src/agent/source.ts';
import { stdinSource } from '../../src/agent/sources/stdin.ts';
import { realClock } from '../../src/system/clock.ts';
import { realFiles } from '../../src/system/files.ts';
import { startAgent } from '../support/agent-run.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type IngestSink, startIngestSink } from '../support/ingest-sink.ts';

async function sinkFor(t: TestContext): Promise<IngestSink> {
  const sink = await startIngestSink();
  t.after(() => sink.close());
  return sink;
}

const source = (input: Readable) => stdinSource({ input, clientId: 'p', lineBytesMax: 65_536 });

for (const { name, bytes, messages } of [
  { name: 'nothing', bytes: Buffer.alloc(0), messages: [] },
  { name: 'one character', bytes: Buffer.from('a'), messages: ['a'] },
  { name: 'one byte that begins a mark of UTF-16', bytes: Buffer.of(0xff), messages: ['\ufffd'] },
  { name: 'UTF-16', bytes: Buffer.from('\ufeffäa\r\nb', 'utf16le'), messages: ['äa', 'b'] },
]) {
  test(`stdin: ${name}, byte by byte`, async (t) => {
    const sink = await sinkFor(t);
    const input = Readable.from(
      [...bytes].map((byte) => Buffer.of(byte)),
      { objectMode: false },
    );
    const agent = startAgent(t, { server: sink.url, sources: [source(input)], stateFolder: temporaryFolder(t) });
    assert.deepEqual(await agent.ended, { kind: 'done' });
    assert.deepEqual(sink.messages(), messages);
  });
}

for (const encoding of ['utf8', 'utf16le'] as const) {
  test(`stdin: read on by the next agent, cut anywhere: each line once and whole (${encoding})`, async (t) => {
    const sink = await sinkFor(t);
    const stateFolder = temporaryFolder(t);
    const lines = ['first', 'zweite Zeile äöü', 'third'];
    const bytes = Buffer.from(`${encoding === 'utf8' ? '' : '\ufeff'}${lines.join('\n')}\n`, encoding);
    const input = new PassThrough();
    for (let from = 0; from < bytes.length; from += 5) {
      input.write(bytes.subarray(from, from + 5));
      if (from + 5 >= bytes.length) input.end();
      const stop = new AbortController();
      const ended = runAgent(
        { servers: [sink.url], sources: [source(input)], stateFolder, spoolBytesMax: 2 ** 20, once: false },
        { files: realFiles, clock: realClock, reporter: () => {}, stop: stop.signal },
      );
      while (input.readableLength > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      if (!input.writableEnded) stop.abort(READ_ON);
      assert.deepEqual(await ended, { kind: 'done' });
    }
    assert.deepEqual(sink.messages(), lines);
  });
}
