import assert from 'node:assert/strict';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyFolder, run, runToEnd, serve } from '../support/executable.ts';

const isRoot = process.getuid?.() === 0;
const oneLine = (text: string) => text.trimEnd().split('\n').length === 1;

test('wrong usage: exit code 2, one clear line, the nearest valid option', async (t) => {
  const cwd = await emptyFolder(t);
  const cases: [args: string[], says: RegExp][] = [
    [['serve', '--prot', '5000'], /unknown option '--prot'.*--port/],
    [['serve', '--port', 'http'], /--port.*whole number from 0 to 65535/],
    [['serve', '--port', '70000'], /--port.*whole number from 0 to 65535/],
    [['serve', '--fsync', 'never'], /--fsync.*group, interval, off/],
    [['serve', '--store', 'tape'], /--store "tape"/],
    [['serve', '--tls-cert', 'x.pem'], /--tls-key/],
    [['serve', 'extra'], /too many arguments/],
    [['sreve'], /unknown command 'sreve'.*serve/],
    [['ship', '--source', 'tape'], /--source.*syslog, file/],
    [['ship', '--server', 'ftp://x', '--source', 'stdin'], /--server.*http/],
    [['ship'], /--source/],
    [['tail', 'level:blue'], /expected debug, info, .* at position 7/],
  ];
  for (const [args, says] of cases) {
    const { code, stdout, stderr } = await runToEnd(args, { cwd });
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, says);
    assert.ok(oneLine(stderr), stderr);
    assert.equal(stdout, '');
  }
});

test('every command tells its help with examples, and its version', async (t) => {
  const cwd = await emptyFolder(t);
  for (const command of ['serve', 'ship', 'tail']) {
    const help = await runToEnd([command, '--help'], { cwd });
    assert.equal(help.code, 0);
    assert.match(help.stdout, /Examples:\n +logd /);
    assert.match((await runToEnd([command, '--version'], { cwd })).stdout, /^\d+\.\d+\.\d+\n$/);
  }
});

test('a busy port: exit code 1 and a line that says what to do', async (t) => {
  const cwd = await emptyFolder(t);
  await using server = await serve([], { cwd });
  const second = await runToEnd(['serve', '--port', String(server.port), '--data', join(cwd, 'other')], { cwd });
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`port ${server.port} on 127\\.0\\.0\\.1 is taken.*--port`));
});

test('a data folder another server has: exit code 1, says which process; after kill -9 it is free', async (t) => {
  const cwd = await emptyFolder(t);
  await using server = await serve([], { cwd });
  const second = await runToEnd(['serve', '--port', '0', '--data', join(cwd, 'data')], { cwd });
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`\\b${server.child.pid}\\b`));
  assert.ok(oneLine(second.stderr), second.stderr);
  await server.kill();
  await using third = await serve([], { cwd });
  assert.ok(third.url);
});

test('a data folder that cannot be used: exit code 1 and a clear line', async (t) => {
  const cwd = await emptyFolder(t);
  await writeFile(join(cwd, 'file'), 'not a folder');
  const cases = [join(cwd, 'file'), join(cwd, 'file', 'below')];
  if (!isRoot) {
    await mkdir(join(cwd, 'closed'));
    await chmod(join(cwd, 'closed'), 0o500);
    cases.push(join(cwd, 'closed'));
  } else cases.push('/proc/logd-data');
  for (const folder of cases) {
    const { code, stderr } = await runToEnd(['serve', '--port', '0', '--data', folder], { cwd });
    assert.equal(code, 1, folder);
    assert.ok(stderr.includes(folder), stderr);
    assert.ok(oneLine(stderr), stderr);
  }
});

test('off loopback: tokens are made, readable by the owner alone, and the lines to use them are told', async (t) => {
  const cwd = await emptyFolder(t);
  await using server = await serve(['--host', '0.0.0.0'], { cwd });
  await server.printed('logd ship --server');
  assert.equal((await stat(join(cwd, 'data', 'tokens'))).mode & 0o777, 0o600);
  const token = /LOGD_TOKEN=(\S+) logd ship/.exec(server.stderr())?.[1] ?? '';
  const url = `http://127.0.0.1:${server.port}`;
  assert.equal((await fetch(`${url}/api/logs`)).status, 401);
  const sent = await runToEnd(['ship', '--server', url, '--source', 'stdin', '--once', '--state', join(cwd, 'agent')], {
    cwd,
    env: { LOGD_TOKEN: token },
    input: 'with a token\n',
  });
  assert.equal(sent.code, 0, sent.stderr);
});

test('SIGTERM: the server stops within 5 s with exit code 0, streams open or not', async (t) => {
  const cwd = await emptyFolder(t);
  await using server = await serve([], { cwd });
  const stream = await fetch(`${server.url}/stream-logs`);
  const started = performance.now();
  server.child.kill('SIGTERM');
  assert.equal(await server.ended(), 0);
  assert.ok(performance.now() - started < 5_000);
  assert.match(await stream.text(), /^: logd\n/);
});

test('a server that is not there: the agent says URL, port and firewall, keeps the lines, and delivers when it comes', async (t) => {
  const cwd = await emptyFolder(t);
  const first = await serve([], { cwd });
  await first.kill();
  await using agent = run(
    ['ship', '--server', first.url, '--source', 'stdin', '--once', '--state', join(cwd, 'agent')],
    { cwd, input: 'kept\n' },
  );
  await agent.printed(/firewall/);
  assert.ok(agent.stderr().includes(first.url));
  assert.match(agent.stderr(), new RegExp(`port ${first.port}`));
  await using second = await serve([], { cwd, port: first.port });
  assert.equal(await agent.ended(45_000), 0);
  const { logs } = (await (await fetch(`${second.url}/api/logs`)).json()) as { logs: { message: string }[] };
  assert.deepEqual(
    logs.map(({ message }) => message),
    ['kept'],
  );
});
