/** Entries as files. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryToJson } from '../../src/entry/entry.ts';
import { exportText } from '../../src/page/export-text.ts';

const ENTRY = entryToJson({
  id: '01939b1e-5a2b-7000-8000-0123456789ab',
  timeMs: Date.UTC(2026, 10, 23, 3, 14, 53, 698),
  level: 'ERROR',
  clientId: 'api-1',
  message: '=cmd("x"), two\nlines',
  fields: { user: 'ann' },
});

test('export: NDJSON gives back what came', () => {
  const text = exportText([ENTRY, ENTRY], 'ndjson');
  assert.deepEqual(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [ENTRY, ENTRY],
  );
});

test('export: CSV quotes what it must, and no cell is a formula', () => {
  assert.equal(
    exportText([ENTRY], 'csv'),
    'timestamp,log_level,client_id,message,source,fields,note,is_pinned,is_ticket,is_deleted,uuid\r\n' +
      '2026-11-23T03:14:53.698Z,ERROR,api-1,"\'=cmd(""x""), two\nlines",,"{""user"":""ann""}",,false,false,false,01939b1e-5a2b-7000-8000-0123456789ab\r\n',
  );
});

test('export: text is a line for a person', () => {
  assert.equal(exportText([ENTRY], 'text'), '2026-11-23 03:14:53,698 [ERROR] api-1: =cmd("x"), two\nlines\n');
});
