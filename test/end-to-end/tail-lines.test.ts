/**
 * `logd tail` in pipes: the built executable, a line or a JSON object per entry.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { allEntries, EXECUTABLE, emptyFolder, type Running, run, runToEnd, serve } from '../support/executable.ts';
import { hasTmux, openTmux } from '../support/tmux.ts';

type Server = Running & { readonly url: string; readonly port: number };

async function send(url: string, messages: readonly string[], rest: object = {}): Promise<void> {
  const body = messages.map((message) => JSON.stringify({ level: 'info', client_id: 'web-1', message, ...rest }));
  const response = await fetch(`${url}/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: body.join('\n'),
  });
  assert.equal(response.status, 200);
}

/** Sends probes until one is printed: from then on the live stream is open. */
async function untilLive(url: string, tail: Running): Promise<void> {
  for (let probe = 1; ; probe++) {
    await send(url, [`probe-${probe}`], { client_id: 'probe' });
    try {
      await tail.printed(/probe-\d+/, 300);
      return;
    } catch (error) {
      if (probe > 40) throw error;
    }
  }
}

describe('logd tail in a pipe', () => {
  let folder: string;
  let server: Server;
  const cleaners: (() => Promise<void>)[] = [];
  before(async () => {
    folder = await emptyFolder({ after: (clean) => cleaners.push(clean) });
    server = await serve([], { cwd: folder });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    for (const clean of cleaners) await clean();
  });

  const tail = (...args: readonly string[]) => run(['tail', '--server', server.url, ...args], { cwd: folder });

  test('prints a line per entry, what is hostile in it as text, without colours', async () => {
    await using running = tail();
    await untilLive(server.url, running);
    await send(server.url, ['plain\twith a tab', 'two\nlines', '\u001b[31mred\u009b0m \u202eabc {bold}'], {
      level: 'error',
    });
    await running.printed('{bold}');
    const lines = running
      .stdout()
      .split('\n')
      .filter((line) => line.includes(' ERROR '));
    assert.equal(lines.length, 3);
    const [first = '', second = '', third = ''] = lines;
    assert.match(first, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ERROR {4}web-1 plain\twith a tab$/);
    assert.ok(second.endsWith(' two\\nlines'));
    assert.ok(third.endsWith(' \\x1b[31mred\\x9b0m \\u202eabc {bold}'));
    assert.equal(running.stderr(), '');
  });

  test('ends when its reader has left, also while no entry comes', { skip: process.platform !== 'linux' }, async () => {
    await send(server.url, ['for the head', 'of the list'], { client_id: 'header' });
    const command = `'${EXECUTABLE}' tail --server ${server.url} --since 1h client:header | head -n 1`;
    const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd: folder, timeout: 15_000 });
    assert.match(stdout, /^.* for the head\n$/);
  });

  test('--json prints each entry as the API gives it, one per line', async () => {
    await using running = tail('--json', 'client:jay');
    await using probe = tail('client:probe');
    await untilLive(server.url, probe);
    const messages = ['one "quoted"', 'two\nlines \u009b \u2028', '日本語 💥'];
    const deadline = Date.now() + 10_000;
    while (!running.stdout().includes('日本語')) {
      assert.ok(Date.now() < deadline);
      await send(server.url, messages, { client_id: 'jay', fields: { 'a.b': 1 } });
      await running.printed('日本語', 500).catch(() => {});
    }
    const lines = running.stdout().trimEnd().split('\n');
    assert.doesNotMatch(running.stdout(), /[\u007f-\u009f\u2028]/);
    const stored = (await allEntries(server.url)).filter(({ client_id }) => client_id === 'jay');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      stored.slice(-lines.length),
    );
  });

  test('--since begins with what is stored and goes on live, without a gap or a repeat', async () => {
    const client_id = 'since';
    await send(server.url, ['too old'], { client_id, timestamp: new Date(Date.now() - 3_600_000).toISOString() });
    let sent = 0;
    const sendSome = async (count: number) => {
      await send(
        server.url,
        Array.from({ length: count }, () => `n-${++sent}.`),
        { client_id },
      );
    };
    for (let round = 0; round < 25; round++) await sendSome(100);
    await using running = tail('--since', '10m', 'client:since');
    for (let round = 0; round < 100; round++) await sendSome(20);
    await running.printed(`n-${sent}.`);
    const numbers = [...running.stdout().matchAll(/n-(\d+)\.$/gm)].map(([, number]) => Number(number));
    assert.deepEqual(
      numbers,
      Array.from({ length: sent }, (_, index) => index + 1),
    );
    assert.doesNotMatch(running.stdout(), /too old/);
  });

  test('a server killed and started again under load costs nothing and repeats nothing', async (t) => {
    const ownFolder = await emptyFolder(t);
    let own = await serve([], { cwd: ownFolder });
    const { url, port } = own;
    await using running = run(['tail', '--server', url, '--json', '--since', '1h'], { cwd: ownFolder });
    await using agent = run(
      [
        'ship',
        '--server',
        url,
        '--source',
        'simulate',
        '--rate',
        '2000',
        '--count',
        '8000',
        '--seed',
        '7',
        '--state',
        `${ownFolder}/agent`,
      ],
      { cwd: ownFolder },
    );
    for (let round = 0; round < 2; round++) {
      const seen = running.stdout().length;
      await running.printed(/shutting down|"uuid"/);
      const deadline = Date.now() + 10_000;
      while (running.stdout().length < seen + 100_000 && Date.now() < deadline) {
        await new Promise((resolve) => running.child.stdout?.once('data', resolve));
      }
      await own.kill('SIGKILL');
      own = await serve([], { cwd: ownFolder, port });
    }
    assert.equal(await agent.ended(60_000), 0);
    await running.printed('shutting down', 30_000);
    const printed = running
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).uuid);
    assert.deepEqual(
      printed,
      (await allEntries(url)).map(({ uuid }) => uuid),
    );
    assert.match(running.stderr(), /cannot reach|ended the stream|line was cut/);
    await own[Symbol.asyncDispose]();
  });

  test('a server that is down is said in one line, and it keeps trying', async (t) => {
    const ownFolder = await emptyFolder(t);
    const own = await serve([], { cwd: ownFolder });
    const { url, port } = own;
    await own.kill('SIGTERM');
    await using running = run(['tail', '--server', url], { cwd: ownFolder });
    await running.printed('cannot reach');
    assert.match(
      running.stderr(),
      new RegExp(`^logd: warning: cannot reach ${url}: nothing listens there\\. .*port.*firewall.*\\n$`),
    );
    await using again = await serve([], { cwd: ownFolder, port });
    await running.printed(`connected to ${url}`);
    await untilLive(again.url, running);
    assert.equal(running.stderr().split('\n').length, 3, running.stderr());
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    test(`${signal} ends it with ${code}, quietly`, async () => {
      await using running = tail();
      await untilLive(server.url, running);
      running.child.kill(signal);
      assert.equal(await running.ended(5_000), code);
      assert.equal(running.stderr(), '');
    });
  }

  test('--until ends it with 0 after the entry that matches', async () => {
    const messages = ['starting', 'ready on port 5000', 'after that'];
    await send(server.url, messages, { client_id: 'until' });
    const args = [
      'tail',
      '--server',
      server.url,
      '--since',
      '1h',
      '--client',
      'until',
      '--until',
      'ready on port \\d+',
    ];
    const { code, stdout, stderr } = await runToEnd(args, { cwd: folder });
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(line.indexOf('until ') + 6)),
      ['starting', 'ready on port 5000'],
    );
  });

  test('--timeout ends it: with 1 when --until has not matched, with 0 without', async () => {
    const args = ['tail', '--server', server.url, '--client', 'nobody', '--timeout', '1s'];
    const missed = await runToEnd([...args, '--until', 'never'], { cwd: folder });
    assert.equal(missed.code, 1);
    assert.match(missed.stderr, /^logd: no entry matched \/never\/ in that time/);
    assert.equal((await runToEnd(args, { cwd: folder })).code, 0);
  });

  test('--level and --client narrow the query', async () => {
    const client_id = 'short "hand"';
    await send(server.url, ['low a', 'low b'], { client_id });
    await send(server.url, ['high a', 'high b', 'high c'], { client_id, level: 'critical' });
    const args = [
      'tail',
      '--server',
      server.url,
      '--since',
      '1h',
      '--timeout',
      '1s',
      '--level',
      'err',
      '--client',
      client_id,
    ];
    const { code, stdout, stderr } = await runToEnd([...args, '--client', 'x*', 'a OR b'], { cwd: folder });
    assert.equal(code, 0, stderr);
    assert.deepEqual(stdout.match(/(low|high) .$/gm), ['high a', 'high b']);
  });

  test('a reader that leaves ends it quietly', async () => {
    await send(
      server.url,
      Array.from({ length: 2_000 }, (_, index) => `head ${index}`),
      { client_id: 'head' },
    );
    const command = `'${EXECUTABLE}' tail --server ${server.url} --since 1h client:head | head -2; echo "codes \${PIPESTATUS[@]}"`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command], { timeout: 15_000 });
    assert.match(stdout, /head 0\n.*head 1\ncodes 0 0\n$/);
    assert.equal(stderr, '');
  });

  test('an output that cannot be written ends it with 1 and says why', async () => {
    await send(server.url, ['for a full disk'], { client_id: 'full' });
    const command = `'${EXECUTABLE}' tail --server ${server.url} --since 1h client:full > /dev/full`;
    await assert.rejects(promisify(execFile)('bash', ['-c', command], { timeout: 15_000 }), (error) => {
      const { code, stderr } = error as { code?: unknown; stderr?: unknown };
      assert.equal(code, 1);
      assert.match(String(stderr), /^logd: cannot write the output: .*ENOSPC.*\n$/);
      return true;
    });
  });

  const wrong: [args: readonly string[], message: RegExp][] = [
    [['level:loud'], /^logd: query: expected debug.*at position 7: level:»loud\n$/],
    [['(a'], /^logd: query: this "\(" is not closed.*position 1/],
    [['--since', 'whenever'], /^logd: --since: time must be ISO 8601.*got "whenever"\n$/],
    [['--plain', '--json'], /^logd: .*--plain.*--json/],
    [['--level', 'loud'], /^logd: option '--level <level>'.*debug, info/],
    [['--until', '('], /^logd: option '--until <regex>'.*Invalid regular expression/],
    [['--timeout', 'soon'], /^logd: option '--timeout <time>'.*90s, 5m or 1h/],
    [['--jsn'], /^logd: unknown option '--jsn' \(Did you mean --json\?\)/],
    [['--server', 'ftp://x'], /--server.*such as http/],
    [['--token-file', '/no/such/file'], /^logd: cannot read the token file \/no\/such\/file/],
    [['--ca', '/no/such/file'], /^logd: cannot read the certificate \/no\/such\/file/],
  ];
  for (const [args, message] of wrong) {
    test(`${args.join(' ')} is wrong usage: exit code 2 and one line`, async () => {
      const { code, stdout, stderr } = await runToEnd(['tail', ...args], { cwd: folder });
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.equal(stderr.trimEnd().split('\n').length, 1);
      assert.equal(stdout, '');
    });
  }

  test('a server that wants a token ends it with 1 and says how to give one; with the token it runs', async (t) => {
    const ownFolder = await emptyFolder(t);
    await using own = await serve(['--token-file', `${ownFolder}/tokens`], { cwd: ownFolder });
    const refused = await runToEnd(['tail', '--server', own.url], { cwd: ownFolder });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /--token-file FILE or LOGD_TOKEN/);
    await using running = run(['tail', '--server', own.url, '--token-file', `${ownFolder}/tokens`], { cwd: ownFolder });
    const text = await readFile(`${ownFolder}/tokens`, 'utf8');
    const ingest = /^ingest: (\S+)$/m.exec(text)?.[1] ?? '';
    const deadline = Date.now() + 10_000;
    while (!running.stdout().includes('let in')) {
      assert.ok(Date.now() < deadline, running.stderr());
      await fetch(`${own.url}/log`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ingest}` },
        body: JSON.stringify({ message: 'let in' }),
      });
    }
    assert.doesNotMatch(running.stderr(), new RegExp(ingest));
  });

  test('--help has examples', async () => {
    const { code, stdout } = await runToEnd(['tail', '--help'], { cwd: folder });
    assert.equal(code, 0);
    assert.match(stdout, /Examples:\n[\s\S]*logd tail --json \| jq/);
  });

  test('on a terminal: colours with --plain, none with --no-color; TERM=dumb says that it gets lines', {
    skip: hasTmux ? false : 'skipped: no tmux on this machine',
  }, async () => {
    await send(server.url, ['coloured'], { level: 'error', client_id: 'colour' });
    const open = (args: string, env: Record<string, string> = {}) =>
      openTmux({
        width: 100,
        height: 10,
        cwd: folder,
        env,
        command: `exec '${EXECUTABLE}' tail --server ${server.url} --since 1h ${args} client:colour`,
      });
    await using plain = await open('--plain');
    await plain.until(/ERROR +colour coloured/);
    assert.match(await plain.styledScreen(), /\u001b\[31mERROR/);
    await using bare = await open('--plain --no-color');
    await bare.until(/ERROR +colour coloured/);
    assert.doesNotMatch(await bare.styledScreen(), /\u001b\[3/);
    // Set within: tmux sets TERM itself.
    await using dumb = await openTmux({
      width: 100,
      height: 10,
      cwd: folder,
      command: `TERM=dumb exec '${EXECUTABLE}' tail --server ${server.url} --since 1h client:colour`,
    });
    await dumb.until(/TERM=dumb.*as --plain[\s\S]*ERROR +colour coloured/);
  });
});
