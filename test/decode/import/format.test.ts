import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectFormat } from '../../../src/decode/import/format.ts';
import type { ImportFormat } from '../../../src/decode/import/record.ts';

const ENTRY = '2025-05-01 10:00:00,123 - [INFO] - [Client_1] - [ID:7f3c1f6e-3c1e-4a5b-9f5e-0123456789ab] - hello';
const JSON_ENTRY = '{"level":"INFO","message":"hello"}';

const CASES: readonly (readonly [name: string, lines: readonly string[], format: ImportFormat])[] = [
  ['an entry of app.log', [ENTRY], 'text'],
  ['an entry and its further lines', [ENTRY, 'Traceback', '{"message":"x"}', '  File'], 'text'],
  ['an object with a message', [JSON_ENTRY], 'jsonl'],
  ['an exported object', ['{"uuid":"7f3c1f6e-3c1e-4a5b-9f5e-0123456789ab","message":"m"}', 'broken {'], 'jsonl'],
  ['the end of an entry, left by a rotation, then entries', ['  File "x.py"', ENTRY], 'text'],
  ['half an object, then whole ones', ['sage":"x"}', JSON_ENTRY, JSON_ENTRY], 'jsonl'],
  ['lines of anything', ['May  1 10:00:00 host app: hello', 'more'], 'plain'],
  ['objects without a message are lines of another program', ['{"level":30,"msg":"x"}', '{"a":1}'], 'plain'],
  ['an object among lines', ['one', JSON_ENTRY, 'two', 'three'], 'plain'],
  ['what looks like an object', ['{nonsense'], 'plain'],
  ['nothing', [], 'plain'],
];

for (const [name, lines, format] of CASES) {
  test(`import format: ${name} is ${format}`, () => assert.equal(detectFormat(lines), format));
}
