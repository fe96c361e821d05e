import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBatchBody, decodeBatchHeader, encodeBatchFile } from '../../src/agent/batch-file.ts';

const HEADER = {
  producer: 'agent-7',
  sequence: 42,
  count: 2,
  notices: 0,
  encoding: 'identity',
  positions: { 'file:1': { path: '/var/log/ä.log', offset: 7 }, 'file:2': null },
} as const;

const PIECES = [Buffer.from('{"message":"1"}\n'), Buffer.from('{"message":"2"}\n')];

test('batch-file: what is written is read', () => {
  const { header, file, body } = encodeBatchFile(HEADER, PIECES);
  const read = decodeBatchHeader(file);
  assert.ok(read.ok);
  assert.deepEqual(read.header, header);
  assert.deepEqual(decodeBatchBody(file, read.header, read.bodyAt), Buffer.concat(PIECES));
  assert.deepEqual(body, Buffer.concat(PIECES));
});

test('batch-file: cut at any byte it is damaged or asks for more, and never passes for whole', () => {
  const { file } = encodeBatchFile(HEADER, PIECES);
  for (let end = 0; end < file.length; end++) {
    const cut = file.subarray(0, end);
    const read = decodeBatchHeader(cut);
    if (read.ok) assert.equal(typeof decodeBatchBody(cut, read.header, read.bodyAt), 'string', `cut at ${end}`);
  }
});

test('batch-file: a changed byte anywhere is seen', () => {
  const { file } = encodeBatchFile(HEADER, PIECES);
  for (let at = 0; at < file.length; at++) {
    const changed = Buffer.from(file);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    const read = decodeBatchHeader(changed);
    if (read.ok) assert.equal(typeof decodeBatchBody(changed, read.header, read.bodyAt), 'string', `byte ${at}`);
  }
});

test('batch-file: a newer format is said to be one', () => {
  const read = decodeBatchHeader(Buffer.from('logd-batch 2 10 00000000\n'));
  assert.ok(!read.ok && 'reason' in read);
  assert.match(read.reason, /newer/);
});
