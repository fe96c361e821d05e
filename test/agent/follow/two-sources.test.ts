/** Two sources of files in one agent: neither takes what is the other's, over restarts too. */
import assert from 'node:assert/strict';
import { copyFileSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileSource } from '../../../src/agent/sources/file.ts';
import { startAgent } from '../../support/agent-run.ts';
import { scene, settled, TIMING } from '../../support/following-scene.ts';

function source(clientId: string, pattern: string, except: readonly string[] = []) {
  return fileSource({ patterns: [pattern], except, from: 'start', clientId, lineBytesMax: 65_536, timing: TIMING });
}

test('two sources: a file that both name is read by the first alone, and each goes on where it was', async (t) => {
  const { folder, append, state, sink } = await scene(t);
  const [app, other, all] = [join(folder, 'app.log'), join(folder, 'other.log'), join(folder, '*.log')];
  append('app 1\n', app);
  append('other 1\n', other);
  const wanted = ['one app 1', 'two other 1'];
  for (let round = 2; round < 5; round++) {
    const agent = startAgent(t, {
      server: sink.url,
      sources: [source('one', app), source('two', all, [app])],
      stateFolder: state,
    });
    await sink.until(() => sink.entries.length >= wanted.length, 'what was written while away');
    append(`app ${round}\n`, app);
    append(`other ${round}\n`, other);
    wanted.push(`one app ${round}`, `two other ${round}`);
    await sink.until(() => sink.entries.length >= wanted.length, 'the lines of both');
    await settled();
    await agent.stop();
    append(`app ${round} away\n`, app);
    wanted.push(`one app ${round} away`);
  }
  const found = sink.entries.map(({ client_id, message }) => `${client_id} ${message}`);
  assert.deepEqual(found.toSorted(), wanted.slice(0, -1).toSorted());
  assert.deepEqual(sink.notices(), []);
});

test('two sources: read at the same time, each gives the lines of its own file', async (t) => {
  const { folder, append, state, sink } = await scene(t);
  const lines = (name: string) => Array.from({ length: 40_000 }, (_, index) => `${name} ${index} ${name.repeat(40)}`);
  for (const name of ['a', 'b']) append(`${lines(name).join('\n')}\n`, join(folder, `${name}.log`));
  const sources = [source('a', join(folder, 'a.log')), source('b', join(folder, 'b.log'))] as const;
  startAgent(t, { server: sink.url, sources: [...sources], stateFolder: state });
  await sink.until(() => sink.entries.length >= 80_000, 'all lines');
  for (const name of ['a', 'b']) {
    const found = sink.entries.flatMap(({ client_id, message }) => (client_id === name ? message : []));
    assert.equal(found.join('\n') === lines(name).join('\n'), true, `the lines of ${name} in order`);
  }
});

test('two sources: a copy that one of them knows is not read after any number of restarts', async (t) => {
  const { folder, append, state, sink } = await scene(t);
  const [rotated, other] = [join(folder, 'a.log'), join(folder, 'b.log')];
  append('1\n2\n', rotated);
  append('b\n', other);
  const start = () =>
    startAgent(t, {
      server: sink.url,
      sources: [source('a', `${rotated}*`), source('b', other)],
      stateFolder: state,
    });
  const agent = start();
  await sink.until(() => sink.entries.length === 3, 'what is there');
  copyFileSync(rotated, `${rotated}.1`);
  // Nobody can take it for one that is still being made.
  utimesSync(`${rotated}.1`, new Date(), new Date(Date.now() - 60_000));
  await settled();
  truncateSync(rotated);
  append('3, not as it began\n', rotated);
  await sink.until(() => sink.entries.length === 4, 'what came after the copy');
  await settled();
  await agent.stop();
  for (let line = 4; line < 7; line++) {
    const again = start();
    append(`${line}\n`, rotated);
    await sink.until(() => sink.entries.length >= line + 1, 'a line after a restart');
    await settled();
    await again.stop();
  }
  const found = sink.entries.flatMap(({ client_id, message }) => (client_id === 'a' ? message : []));
  assert.deepEqual(found, ['1', '2', '3, not as it began', '4', '5', '6']);
});
