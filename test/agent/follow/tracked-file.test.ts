/**
 * Going on with a file at a stored position: only with the text that was read, whatever was seen of it before.
 */
import assert from 'node:assert/strict';
import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createChunkWriter } from '../../../src/agent/chunk-writer.ts';
import type { FilePosition } from '../../../src/agent/follow/file-position.ts';
import { type ReadingOptions, TrackedFile } from '../../../src/agent/follow/tracked-file.ts';
import { temporaryFolder } from '../../support/folder.ts';

const READING: ReadingOptions = {
  describe: (message, timeMs) => ({ level: 'INFO', timeMs, message }),
  mayTakeBytes: false,
  joinsLines: false,
  lineBytesMax: 1_000,
  nowMs: () => 0,
  chunkBytesMax: 2 ** 20,
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
