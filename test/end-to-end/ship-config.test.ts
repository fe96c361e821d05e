/** One agent, several sources, from a configuration file. */
import assert from 'node:assert/strict';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyFolder, run, serve } from '../support/executable.ts';

interface Stored {
  readonly client_id: string;
  readonly log_level: string;
  readonly message: string;
}

async function storedAt(url: string): Promise<string[]> {
  const { logs } = (await (await fetch(`${url}/api/logs?limit=1000`)).json()) as { logs: readonly Stored[] };
  return logs.map(({ client_id, log_level, message }) => `${client_id} ${log_level} ${message}`).sort();
}

async function stored(url: string, wanted: readonly string[], deadlineMs = 10_000): Promise<void> {
  const giveUpMs = performance.now() + deadlineMs;
  for (;;) {
    const found = await storedAt(url);
    if (found.length >= wanted.length || performance.now() > giveUpMs) {
      assert.deepEqual(found, [...wanted].sort());
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('ship: several sources of one file, each with options of its own; one that fails stops none of the others', async (t) => {
  const cwd = await emptyFolder(t);
  await using server = await serve([], { cwd });
  await writeFile(join(cwd, 'a.log'), 'ERROR one\nINFO two\n');
  await writeFile(join(cwd, 'b.log'), 'head\n  more\n');
  await mkdir(join(cwd, 'closed.log'));
  const config = `ship:
  server: ${server.url}
  state: ${join(cwd, 'agent')}
  from: start
  sources:
    - {source: file, path: ${join(cwd, 'a.log')}, client-id: a, level: 'ERROR,CRITICAL'}
    - source: file
      path:
        - ${join(cwd, 'b.log')}
        - ${join(cwd, 'closed.log')}
      client-id: b
      multiline: auto
    - {source: syslog, path: ${join(cwd, 'none', 'syslog')}}
    - {source: simulate, count: 1, client-id: s}
`;
  const path = join(cwd, 'logd.yaml');
  await writeFile(path, config);
  await using agent = run(['ship', '--config', path, '--log-format', 'json'], { cwd });
  const first = ['a ERROR ERROR one', 'b UNKNOWN head\n  more', 's INFO Client application shutting down.'];
  await stored(server.url, first);

  // Wrong: it goes on as before, and says why.
  await writeFile(path, config.replace('multiline: auto', 'multiline: perhaps'));
  agent.child.kill('SIGHUP');
  await agent.printed('not reloaded');
  await appendFile(join(cwd, 'a.log'), 'ERROR three\n');
  const second = [...first, 'a ERROR ERROR three'];
  await stored(server.url, second);

  // Right: a source more, and what was read is not read again.
  await writeFile(join(cwd, 'c.log'), 'WARN four\n');
  await writeFile(path, `${config}    - {source: file, path: ${join(cwd, 'c.log')}, client-id: c}\n`);
  agent.child.kill('SIGHUP');
  const third = [...second, 'c WARNING WARN four', 's INFO Client application shutting down.'];
  await stored(server.url, third);
  agent.child.kill('SIGTERM');
  assert.equal(await agent.ended(), 0);
  for (const line of agent.stderr().trim().split('\n')) {
    const { time, severity, event, message } = JSON.parse(line) as Record<string, string>;
    assert.ok(!Number.isNaN(Date.parse(time ?? '')) && severity && event && message, line);
  }
  await stored(server.url, third);
});

test('ship: a pipe is read on over a SIGHUP, a line that is half there included', async (t) => {
  const cwd = await emptyFolder(t);
  await using server = await serve([], { cwd });
  const path = join(cwd, 'logd.yaml');
  await writeFile(
    path,
    `ship: {server: '${server.url}', state: ${join(cwd, 'agent')}, client-id: p, sources: [{source: stdin}]}\n`,
  );
  await using agent = run(['ship', '--config', path], { cwd });
  agent.child.stdin?.write('ERROR 1\nERROR 2 ha');
  await stored(server.url, ['p ERROR ERROR 1']);
  for (const rest of ['lf', ' of three']) {
    agent.child.kill('SIGHUP');
    await agent.printed('again');
    // While it stops: heard all the same.
    agent.child.kill('SIGHUP');
    agent.child.stdin?.write(rest);
  }
  agent.child.stdin?.end('\nERROR 3');
  assert.equal(await agent.ended(), 0, agent.stderr());
  await stored(server.url, ['p ERROR ERROR 1', 'p ERROR ERROR 2 half of three', 'p ERROR ERROR 3']);
  assert.doesNotMatch(agent.stderr(), /error/);
});

test('ship: what is wrong in the list of sources is told with file and line', async (t) => {
  const cwd = await emptyFolder(t);
  const path = join(cwd, 'logd.yaml');
  const cases: readonly (readonly [config: string, says: RegExp])[] = [
    ['ship:\n  sources: syslog\n', /logd\.yaml:2: "sources" must be a list/],
    ['ship:\n  sources:\n    - syslog\n', /logd\.yaml:3: a source must hold its options/],
    ['ship:\n  sources:\n    - {path: /a}\n', /logd\.yaml:3: a source must say which/],
    ['ship:\n  sources:\n    - source: fil\n', /logd\.yaml:3: "source": it must be one of/],
    ['ship:\n  sources:\n    - source: file\n      server: x\n', /logd\.yaml:4: "server" is no option of a source/],
    [
      'ship:\n  sources:\n    - {source: stdin}\n    - {source: stdin}\n',
      /logd\.yaml:4: the standard input is read by another source stdin already: name it in one/,
    ],
    [
      "ship:\n  sources:\n    - {source: file, path: '/a/*.log'}\n    - {source: file, path: ['/b', '/a/*.log']}\n",
      /logd\.yaml:4: \/a\/\*\.log is read by another source file already/,
    ],
    [
      'ship:\n  sources:\n    - {source: winevent, wevtutil: x}\n    - {source: winevent, wevtutil: x, channel: SYSTEM}\n',
      /logd\.yaml:4: system is read by another source winevent already/,
    ],
    ['ship:\n  sources:\n    - {source: file}\n', /logd\.yaml:3: name the files to read/],
    ['serve:\n  sources: []\n', /say what to read/],
  ];
  for (const [config, says] of cases) {
    await writeFile(path, config);
    const agent = run(['ship', '--config', path, '--state', join(cwd, 'agent')], { cwd });
    assert.equal(await agent.ended(), 2, config);
    assert.match(agent.stderr(), says);
    assert.equal(agent.stderr().trim().split('\n').length, 1);
  }
});
