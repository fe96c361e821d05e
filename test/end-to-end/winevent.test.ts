import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createEventLogStore, type EventLogStore, FAKE_WEVTUTIL } from '../support/event-log-store.ts';
import { allEntries, emptyFolder, run, runToEnd, serve } from '../support/executable.ts';
import { createRandom } from '../support/faulty-files.ts';

interface Scene {
  readonly cwd: string;
  readonly logs: EventLogStore;
  /** What the program needs to find the logs and to run their reader. */
  readonly env: Record<string, string>;
}

async function scene(t: TestContext): Promise<Scene> {
  const cwd = await emptyFolder(t);
  const logs = createEventLogStore(await emptyFolder(t));
  return { cwd, logs, env: { FAKE_WEVTUTIL: logs.folder, PATH: dirname(process.execPath) } };
}

function ship(url: string, cwd: string, ...rest: readonly string[]): string[] {
  const where = ['--server', url, '--state', join(cwd, 'agent')];
  return ['ship', ...where, '--source', 'winevent', '--wevtutil', FAKE_WEVTUTIL, '--from', 'start', ...rest];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

async function numbersOf(url: string, log: string): Promise<number[]> {
  const entries = await allEntries(url);
  return entries
    .filter(({ message }) => message.includes(`| Log: ${log} |`))
    .map(({ message }) => Number(/Message: event (\d+)$/.exec(message)?.[1]));
}

test('winevent: each event arrives once and in order although the agent is killed again and again', async (t) => {
  const { cwd, logs, env } = await scene(t);
  await using server = await serve([], { cwd });
  const random = createRandom(7);
  const next = { Application: 1, System: 1 };
  const write = () => {
    for (const log of ['Application', 'System'] as const) {
      const count = 1 + Math.floor(random() * 900);
      logs.append(log, range(next[log], next[log] + count - 1));
      next[log] += count;
    }
  };
  write();
  for (let round = 0; round < 8; round++) {
    await using agent = run(ship(server.url, cwd), { cwd, env });
    await agent.printed('following');
    await pause(100 + random() * 900);
    write();
    await pause(random() * 900);
    await agent.kill();
    if (random() < 0.5) write();
  }
  const { code, stderr } = await runToEnd(ship(server.url, cwd, '--once'), { cwd, env });
  assert.equal(code, 0, stderr);
  for (const log of ['Application', 'System'] as const) {
    assert.deepEqual(await numbersOf(server.url, log), range(1, next[log] - 1));
  }
});

test('winevent: 50,000 events that wait arrive once and in order, in memory that stays flat', async (t) => {
  const { cwd, logs, env } = await scene(t);
  logs.append('System', range(1, 50_000));
  await using server = await serve([], { cwd });
  await using agent = run(ship(server.url, cwd, '--channel', 'System', '--once'), { cwd, env });
  const ended = agent.ended(120_000);
  const megabytes: number[] = [];
  let isOver = false;
  void ended.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    megabytes.push(residentMegabytes(agent.child.pid ?? 0));
    await pause(100);
  }
  assert.equal(await ended, 0, agent.stderr());
  assert.deepEqual(await numbersOf(server.url, 'System'), range(1, 50_000));
  const most = Math.max(...megabytes);
  t.diagnostic(`${most} MB at most`);
  // The events alone are 80 MB as they are printed.
  if (process.platform === 'linux') assert.ok(most > 0 && most < 300, `${most} MB`);
});

/** 0: it has ended, or the system does not tell. */
function residentMegabytes(pid: number): number {
  try {
    return Math.round(Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

test('winevent: a new event is in the store within about a second', async (t) => {
  const { cwd, logs, env } = await scene(t);
  logs.append('System', [1]);
  logs.create('Application');
  await using server = await serve([], { cwd });
  await using agent = run(ship(server.url, cwd), { cwd, env });
  await agent.printed('following');
  while ((await numbersOf(server.url, 'System')).length === 0) await pause(20);
  const waits: number[] = [];
  for (let id = 2; id < 6; id++) {
    await pause(400 + id * 370);
    const startedMs = performance.now();
    logs.append('System', [id]);
    while ((await numbersOf(server.url, 'System')).length < id) await pause(10);
    waits.push(Math.round(performance.now() - startedMs));
  }
  t.diagnostic(`${waits.join(', ')} ms`);
  assert.ok(Math.max(...waits) < 3_000, `${waits.join(', ')} ms`);
});

test('winevent: --self-test shows what a first run needs to tell', async (t) => {
  const { cwd, logs, env } = await scene(t);
  logs.append('System', range(3, 20));
  logs.create('Application');
  const selfTest = (...rest: string[]) =>
    runToEnd(['ship', '--source', 'winevent', '--wevtutil', FAKE_WEVTUTIL, '--self-test', ...rest], { cwd, env });
  const well = await selfTest();
  assert.equal(well.code, 0, well.stdout + well.stderr);
  for (const pattern of [
    /^logd \S+, linux /m,
    /^reader: .*fake-wevtutil\.mjs/m,
    /a wrong option is refused: exit code 87, .*"Invalid value for option f\. The parameter is incorrect\."/,
    /newest record: 20 of 2026-03-01T10:00:20.1234567Z; exit code 0, \d+ ms, utf-16le with byte order mark, first bytes ff fe 3c 00 45 00/,
    /18 records/,
    /oldest record: 3 of/,
    /5 events, 5 with their text, 0 damaged/,
    /^ {10}WinEventLog \| Log: System \| Time: 2026-03-01 10:00:20 \| /m,
    /it is empty/,
    /^all is well: 2 of 2 event logs can be read, sent as client EventLogClient_/m,
  ]) {
    assert.match(well.stdout, pattern);
  }
  logs.fail({ channel: 'Security', exitCode: 5 });
  const denied = await selfTest('--channel', 'System,Security,Nonsense');
  assert.equal(denied.code, 1);
  assert.match(
    denied.stdout,
    /BROKEN {2}cannot read the event log Security: access denied \(.*\)\. Run the agent as administrator/,
  );
  assert.match(denied.stdout, /BROKEN {2}cannot read the event log Nonsense: there is no log of that name/);
  assert.match(denied.stdout, /^something is broken: 1 of 3 event logs can be read/m);
  logs.fail({ silent: true });
  const silent = await selfTest('--channel', 'System');
  assert.equal(silent.code, 1);
  assert.match(silent.stdout, /the reader .* is broken: it prints nothing, whatever it is asked\. Try it by hand/);
  const missing = await runToEnd(['ship', '--wevtutil', '/nowhere/x.exe', '--self-test'], { cwd, env });
  assert.equal(missing.code, 1);
  assert.match(
    missing.stdout,
    /cannot run \/nowhere\/x\.exe: there is no such program\. Name the reader with --wevtutil FILE/,
  );
});

const WRONG: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [
    ['--source', 'winevent'],
    /^logd: --source winevent reads the event logs of Windows, which this machine is not: .*--wevtutil FILE\n$/,
  ],
  [['--source', 'winevent', '--self-test'], /--wevtutil FILE/],
  [['--source', 'stdin', '--self-test'], /--self-test goes with --source winevent/],
  [['--source', 'stdin', '--channel', 'System'], /--channel goes with --source winevent/],
  [['--source', 'winevent', '--channel', '/q:*'], /must be the name of an event log/],
  [['--source', 'winevent', '--channel', 'ForwardedEvents'], /ForwardedEvents cannot be followed/],
];

for (const [args, says] of WRONG) {
  test(`winevent: ship ${args.join(' ')} is wrong usage on this machine, and says why`, async (t) => {
    const cwd = await emptyFolder(t);
    const { code, stderr } = await runToEnd(['ship', ...args], { cwd });
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  });
}
