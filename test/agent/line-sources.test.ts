/**
 * What becomes of the lines of files and of the syslog: level, time, source and client of their entries.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { syslogSource } from '../../src/agent/sources/syslog.ts';
import { startAgent } from '../support/agent-run.ts';
import { scene, TIMING } from '../support/following-scene.ts';

test('file: a line carries level, time of its own or of reading, and its path', async (t) => {
  const { start, append, arrived, sink, path } = await scene(t);
  append('2026-01-02T03:04:05.678+01:00 ERROR it broke\nplain\n');
  const before = Date.now();
  start();
  await arrived(['2026-01-02T03:04:05.678+01:00 ERROR it broke', 'plain']);
  const [first, second] = sink.entries;
  assert.equal(first?.level, 'ERROR');
  assert.equal(first?.timestamp, Date.parse('2026-01-02T02:04:05.678Z'));
  assert.equal(first?.source, path);
  assert.equal(second?.level, 'UNKNOWN');
  assert.ok((second?.timestamp ?? 0) >= before);
});

test('syslog: a line is sent as the seed sends it, with its own time and level', async (t) => {
  const { append, sink, path, state } = await scene(t);
  const lines = [
    'Nov 22 10:00:01 box sshd[7]: authentication failure; rhost=10.0.0.1',
    '2026-11-22T10:00:02.500+00:00 box app: level=warn careful',
    'Nov 22 10:00:03 box cron[8]: (root) CMD (true)',
  ];
  append(`${lines.join('\n')}\n`);
  const source = syslogSource({ patterns: [path], from: 'start', lineBytesMax: 65_536, timing: TIMING });
  await startAgent(t, { server: sink.url, sources: [source], stateFolder: state, once: true }).ended;
  assert.deepEqual(
    sink.messages(),
    lines.map((line) => `Syslog | ${line}`),
  );
  assert.deepEqual(
    sink.entries.map(({ level }) => level),
    ['ERROR', 'WARNING', 'INFO'],
  );
  assert.match(sink.entries[0]?.client_id ?? '', /^LinuxClient_./);
  assert.equal(sink.entries[1]?.timestamp, Date.parse('2026-11-22T10:00:02.500Z'));
});

test('syslog: without a file and without a journal says where the log may be', async (t) => {
  const { folder, sink, state } = await scene(t);
  const source = syslogSource({
    patterns: [],
    from: 'end',
    lineBytesMax: 65_536,
    usualPaths: [join(folder, 'syslog')],
    journalctl: join(folder, 'no-journalctl'),
  });
  const agent = startAgent(t, { server: sink.url, sources: [source], stateFolder: state });
  assert.equal((await agent.ended).kind, 'failed');
  assert.match((await agent.reported('journal-instead')).message, /--source journald/);
  assert.match((await agent.reported('source-unusable')).message, /neither .* is there, and .*--path/);
});
