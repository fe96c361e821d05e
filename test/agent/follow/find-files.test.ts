import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasInodeOf } from '../../../src/agent/follow/find-files.ts';

const SEEN_MS = 1_000;

for (const [name, inode, bornMs, headBytes, expected] of [
  ['the same inode, made before', '1:2', 900, 0, true],
  ['the same inode, made as it was seen', '1:2', SEEN_MS, 0, true],
  ['the same inode, made later: it was used again', '1:2', SEEN_MS + 1, 0, false],
  ['the same inode, known by its bytes: these tell', '1:2', SEEN_MS + 1, 5, true],
  ['where the system does not tell when', '1:2', 0, 0, true],
  ['another inode', '1:3', 900, 0, false],
] as const) {
  test(`find files: a position's file by its inode: ${name}`, () => {
    const file = { path: '/a.log', inode, size: 9, mtimeMs: 2_000, ctimeMs: 2_000, bornMs };
    const position = {
      path: '/a.log',
      dev: '1',
      ino: '2',
      headBytes,
      headHash: '',
      offset: 0,
      tailBytes: 0,
      tailHash: '0',
      hasLeft: false,
      size: headBytes,
      mtimeMs: SEEN_MS,
    };
    assert.equal(hasInodeOf(file, position), expected);
  });
}
