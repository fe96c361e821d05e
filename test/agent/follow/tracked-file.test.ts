/**
 * Going on with a file at a stored position: only with the text that was read, whatever was seen of it before.
 */
import assert from 'node:assert/strict';
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createChunkWriter } from '../../../src/agent/chunk-writer.ts';
import type { FilePosition } from '../../../src/agent/follow/file-position.ts';
import { createRoom, type ReadingOptions, TrackedFile } from '../../../src/agent/follow/tracked-file.ts';
import { temporaryFolder } from '../../support/folder.ts';

const READING: ReadingOptions = {
  describe: (message, timeMs) => ({ level: 'INFO', timeMs, message }),
  mayTakeBytes: false,
  joinsLines: false,
  lineBytesMax: 1_000,
  nowMs: () => 0,
  chunkBytesMax: 2 ** 20,
  room: createRoom(),
  writerFor: (source) => createChunkWriter({ clientId: 'web-1', source }),
};

/** The position behind the finished lines of a text. */
async function readTo(t: TestContext, text: string): Promise<{ path: string; position: FilePosition }> {
  const path = join(temporaryFolder(t), 'a.log');
  writeFileSync(path, text);
  const file = await TrackedFile.open({ key: 'file:1', path, from: 0 }, READING);
  if (text !== '') await file.readBlock();
  const { position } = file;
  await file.close();
  return { path, position };
}

/** Where it goes on; undefined: it does not. */
async function resumedAt(path: string, position: FilePosition): Promise<number | undefined> {
  const file = await TrackedFile.resume({ key: 'file:1', path, position }, READING);
  await file?.close();
  return file?.offset;
}

const LONG = `${Array.from({ length: 200 }, (_, index) => `line ${index}`).join('\n')}\n`;

for (const { name, text, change, offset } of [
  { name: 'as it was', text: LONG, change: () => {}, offset: LONG.length },
  { name: 'with an unfinished line', text: `${LONG}par`, change: () => {}, offset: LONG.length },
  { name: 'longer', text: 'a\n', change: (path: string) => appendFileSync(path, LONG), offset: 2 },
  { name: 'empty then', text: '', change: (path: string) => appendFileSync(path, LONG), offset: 0 },
  { name: 'truncated', text: LONG, change: (path: string) => truncateSync(path, 0), offset: undefined },
  { name: 'truncated in part', text: LONG, change: (path: string) => truncateSync(path, 1_500), offset: undefined },
  {
    name: 'with another beginning',
    text: LONG,
    change: (path: string) => writeFileSync(path, LONG.replace('line 0', 'LINE 0')),
    offset: undefined,
  },
  {
    name: 'with another text before the position',
    text: LONG,
    change: (path: string) => writeFileSync(path, `${LONG.replace('line 199', 'LINE 199')}more\n`),
    offset: undefined,
  },
]) {
  test(`tracked file: ${name}: goes on ${offset === undefined ? 'nowhere' : `at ${offset}`}`, async (t) => {
    const { path, position } = await readTo(t, text);
    change(path);
    assert.equal(await resumedAt(path, position), offset);
  });
}

for (const chunkBytesMax of [0, 1_000, 20_000]) {
  test(`tracked file: chunks of ${chunkBytesMax} bytes: every line once, and each position is one to go on at`, async (t) => {
    const lines = Array.from({ length: 3_000 }, (_, index) => `line ${index} ${'ä'.repeat(index % 50)}`);
    const path = join(temporaryFolder(t), 'a.log');
    writeFileSync(path, `${lines.join('\n')}\nunfinished`);
    const reading = { ...READING, chunkBytesMax };
    let file = await TrackedFile.open({ key: 'file:1', path, from: 0 }, reading);
    const found: string[] = [];
    let chunks = 0;
    for (let isMore = true; isMore; ) {
      const read = await file.readBlock();
      if (read.kind === 'rewritten') assert.fail('it was not');
      isMore = read.kind === 'read' && read.isMore;
      if (read.kind !== 'read' || !read.chunk) continue;
      chunks++;
      const text = Buffer.from(read.chunk.lines).toString();
      assert.ok(text.length <= chunkBytesMax + 64 * 1_024, `${text.length} bytes`);
      for (const line of text.trim().split('\n')) found.push(JSON.parse(line).message);
      if (chunks % 7 !== 0) continue;
      const { position } = file;
      await file.close();
      const resumed = await TrackedFile.resume({ key: 'file:1', path, position }, reading);
      assert.ok(resumed, 'it goes on there');
      file = resumed;
      isMore = true;
    }
    await file.close();
    assert.deepEqual(found, lines);
    assert.ok(chunks > 5);
  });
}
