/**
 * The terminal dashboard of the built executable, in a real terminal, over a real server.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, watch } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EXECUTABLE, emptyFolder, type Running, run, serve } from '../support/executable.ts';
import { hasTmux, openTmux, type Tmux } from '../support/tmux.ts';

type Server = Running & { readonly url: string; readonly port: number };

interface Sent {
  readonly level?: string;
  readonly message: string;
  readonly client_id?: string;
  readonly fields?: object;
}

async function send(url: string, entries: readonly Sent[]): Promise<string[]> {
  const ids: string[] = [];
  for (const entry of entries) {
    const response = await fetch(`${url}/log`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ level: 'info', client_id: 'web-1', ...entry }),
    });
    ids.push(((await response.json()) as { id: string }).id);
  }
  return ids;
}

async function stateOf(url: string, id: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/api/logs/${id}`);
  return ((await response.json()) as { log: Record<string, unknown> }).log;
}

/** Waits for the server to have heard of an act. */
async function untilState(url: string, id: string, name: string, value: unknown): Promise<void> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const state = await stateOf(url, id);
    if (state[name] === value) return;
    assert.ok(Date.now() < deadline, `${name} is not ${value}: ${JSON.stringify(state)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const skip = hasTmux ? false : 'skipped: no tmux on this machine';

describe('logd tail, the dashboard', { skip }, () => {
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

  /** Runs it; behind it the exit code is printed and the terminal stays open. */
  function open(
    args: string,
    {
      width = 120,
      height = 30,
      env = {},
      url = server.url,
    }: { width?: number; height?: number; env?: Record<string, string>; url?: string } = {},
  ): Promise<Tmux> {
    const before = 'stty -a > before.txt';
    const after = 'code=$?; stty -a > after.txt; cmp -s before.txt after.txt && echo tty-as-before; echo exit=$code';
    const command = `${before}; '${EXECUTABLE}' tail --server ${url} ${args}; ${after}; exec cat`;
    return openTmux({ width, height, cwd: folder, command, env });
  }

  async function assertRestored(tmux: Tmux, code: number): Promise<void> {
    const screen = await tmux.until(new RegExp(`exit=${code}\\b`));
    assert.match(screen, /tty-as-before/);
    const modes = '#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag} #{keypad_cursor_flag}';
    assert.equal(await tmux.format(modes), '0 1 0 0 0');
  }

  test('shows the latest entries, then live ones, and follows them', async () => {
    await send(server.url, [{ message: 'before the start', level: 'error', client_id: 'api-1' }]);
    await using tmux = await open('');
    const screen = await tmux.until(/ERR api-1 +before the start/);
    assert.match(screen, /^ logd {2}● LIVE/);
    assert.match(screen, /FOLLOWING/);
    await send(server.url, [{ message: 'after the start' }]);
    await tmux.until(/INF web-1 +after the start/, 5_000);
    await tmux.until(/CLIENTS[\s\S]*api-1[\s\S]*web-1/);
    await tmux.keys('q');
    await assertRestored(tmux, 0);
  });

  test('moves, pauses and counts what comes meanwhile', async () => {
    const client_id = 'mover';
    await send(
      server.url,
      Array.from({ length: 60 }, (_, index) => ({ message: `row ${index + 1}.`, client_id })),
    );
    await using tmux = await open('client:mover', { width: 90, height: 24 });
    await tmux.until(/row 60\./);
    await tmux.keys('k');
    await tmux.until(/PAUSED[\s\S]*59\/60/);
    await send(server.url, [
      { message: 'row 61.', client_id },
      { message: 'row 62.', client_id, level: 'critical' },
    ]);
    const paused = await tmux.until(/2 new, 1 error/);
    assert.doesNotMatch(paused, /row 61\./);
    await tmux.keys('PPage');
    await tmux.until(/38\/60/);
    await tmux.keys('C-u');
    await tmux.until(/27\/60/);
    await tmux.keys('C-d');
    await tmux.until(/38\/60/);
    await tmux.keys('g');
    await tmux.until(/row 1\.[\s\S]*1\/60/);
    await tmux.keys('j', 'Down', 'Up', 'NPage');
    await tmux.until(/23\/60/);
    await tmux.keys('G');
    await tmux.until(/row 62\.[\s\S]*FOLLOWING/);
    await tmux.keys('Space');
    await tmux.until(/PAUSED/);
    await tmux.keys('Space');
    await tmux.until(/FOLLOWING/);
  });

  test('scrolling back beyond what it began with loads from the store', async () => {
    const client_id = 'past';
    const entries = Array.from({ length: 1_200 }, (_, index) =>
      JSON.stringify({ level: 'info', message: `old ${index + 1}.`, client_id }),
    );
    await fetch(`${server.url}/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: entries.join('\n'),
    });
    await using tmux = await open('client:past', { width: 90, height: 24 });
    await tmux.until(/old 1200\./);
    await tmux.keys('g');
    await tmux.until(/old 701\.[\s\S]*501\/1,000/);
    await tmux.keys('g');
    await tmux.until(/old 201\.[\s\S]*201\/1,200/);
    await tmux.keys('g');
    await tmux.until(/old 1\.[\s\S]* 1\/1,200/);
    await tmux.keys('G');
    await tmux.until(/old 1200\.[\s\S]*FOLLOWING/);
  });

  test('finds: search with n and N, errors with e and E, warnings with w and W', async () => {
    const client_id = 'finder';
    const levels = ['info', 'error', 'warning', 'info', 'error', 'info', 'warning', 'info'];
    await send(
      server.url,
      levels.map((level, index) => ({
        level,
        message: `item ${index + 1}${index % 3 === 0 ? ' needle' : ''}`,
        client_id,
      })),
    );
    await using tmux = await open('client:finder', { width: 90, height: 24 });
    await tmux.until(/item 8/);
    await tmux.keys('/');
    await tmux.until(/Search/);
    await tmux.type('NEEDLE');
    await tmux.keys('Enter');
    await tmux.until(/7\/8/);
    assert.match(await tmux.styledScreen(), /\u001b\[[0-9;]*48;5;221m\s*needle/);
    await tmux.keys('N');
    await tmux.until(/4\/8/);
    await tmux.keys('n');
    await tmux.until(/7\/8/);
    await tmux.keys('n');
    await tmux.until(/went round[\s\S]*1\/8/);
    await tmux.keys('e');
    await tmux.until(/2\/8/);
    await tmux.keys('e');
    await tmux.until(/5\/8/);
    await tmux.keys('E');
    await tmux.until(/2\/8/);
    await tmux.keys('w');
    await tmux.until(/3\/8/);
    await tmux.keys('w');
    await tmux.until(/7\/8/);
    await tmux.keys('W');
    await tmux.until(/3\/8/);
  });

  test('filters by the query language, shows a fault where it is, by level and by client', async () => {
    await send(server.url, [
      { message: 'filter me', client_id: 'f-1', level: 'error' },
      { message: 'filter me not', client_id: 'f-2', level: 'info' },
    ]);
    await using tmux = await open('');
    await tmux.until(/filter me not/);
    await tmux.keys('f');
    await tmux.type('level>=loud');
    await tmux.until(/▾ expected debug, info/);
    await tmux.keys('Enter');
    await tmux.until(/Filter +level>=loud/);
    await tmux.keys('C-u');
    await tmux.type('"filter me" client:f-*');
    await tmux.keys('Enter');
    await tmux.until(
      (screen) => /filter "filter me"/.test(screen) && /f-1/.test(screen) && !/before the start/.test(screen),
    );
    await tmux.keys('4');
    await tmux.until(
      (screen) => /level>=error/.test(screen) && /filter me/.test(screen) && !/filter me not/.test(screen),
    );
    await tmux.keys('4');
    await tmux.until(/filter me not/);
    await tmux.keys('k', 'c');
    await tmux.until(
      (screen) => /client:f-/.test(screen) && /f-1 +filter me/.test(screen) && !/f-2 +filter me/.test(screen),
    );
    await tmux.keys('F');
    await tmux.until((screen) => /f-2 +filter me not/.test(screen) && /all entries/.test(screen));
    await tmux.keys('f', 'Up');
    await tmux.until(/Filter +"filter me" client:f-\*/);
    await tmux.keys('Escape');
    await tmux.until((text) => !/ Filter /.test(text));
  });

  test('pins, tickets, notes, deletes and undoes, here and at the server', async () => {
    const client_id = 'actor';
    const [, id = ''] = await send(server.url, [
      { message: 'first act', client_id },
      { message: 'second act', client_id, fields: { 'http.status': 500 } },
    ]);
    await using tmux = await open('client:actor');
    await tmux.until(/second act/);
    await tmux.keys('p');
    await tmux.until(/second act.*◆[\s\S]*pinned · u undo/);
    await untilState(server.url, id, 'is_pinned', true);
    await tmux.keys('t');
    await tmux.until(/second act.*⚑/);
    await untilState(server.url, id, 'is_ticket', true);
    await tmux.keys('a');
    await tmux.type('look at this');
    await tmux.keys('Enter');
    await tmux.until(/second act.*✎/);
    await untilState(server.url, id, 'note', 'look at this');
    await tmux.keys('T');
    await tmux.until(/Tickets[\s\S]*second act[\s\S]*look at this/);
    await tmux.keys('Escape', 'd');
    await tmux.until((screen) => /deleted · u undo/.test(screen) && !/second act/.test(screen));
    await untilState(server.url, id, 'is_deleted', true);
    await tmux.keys('u');
    await tmux.until(/second act/);
    await untilState(server.url, id, 'is_deleted', false);
    await tmux.keys('u');
    await tmux.until((screen) => !/✎/.test(screen));
    await untilState(server.url, id, 'note', undefined);
    await tmux.keys('Enter');
    const detail = await tmux.until(/AROUND IT[\s\S]*first act/);
    assert.match(detail, /http\.status +500/);
    assert.match(detail, new RegExp(id));
    await tmux.keys('Escape');
    await tmux.until((screen) => !/AROUND IT/.test(screen));
  });

  test('what others do appears by itself', async () => {
    const client_id = 'others';
    const [id = ''] = await send(server.url, [{ message: 'watched', client_id }]);
    await using tmux = await open('client:others');
    await tmux.until(/watched/);
    const post = (act: string, body: object) =>
      fetch(`${server.url}/api/logs/${id}/${act}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await post('ticket', { value: true });
    await tmux.until(/watched.*⚑/, 5_000);
    await post('delete', {});
    await tmux.until((screen) => !/watched/.test(screen), 5_000);
    await post('delete', { value: false });
    await tmux.until(/watched/, 5_000);
  });

  test('C shows all clients, also where there is no room at the side; Enter shows the entries of one alone', async () => {
    await send(server.url, [
      { message: 'from the first', client_id: 'pane-1', level: 'error' },
      { message: 'from the second', client_id: 'pane-2' },
    ]);
    await using tmux = await open('', { width: 80, height: 24 });
    await tmux.until(/from the second/);
    await tmux.keys('C');
    await tmux.until(/Clients +\d+ ─[\s\S]*pane-1 .* 1 +1 [\s\S]*pane-2 .* 1 +0 /);
    await tmux.keys('G');
    const clients = (await (await fetch(`${server.url}/api/clients`)).json()) as { clients: { client_id: string }[] };
    const sorted = clients.clients.map(({ client_id }) => client_id).sort((a, b) => a.localeCompare(b));
    for (let steps = sorted.length - 1 - sorted.indexOf('pane-1'); steps > 0; steps--) await tmux.keys('k');
    await tmux.keys('Enter');
    await tmux.until(
      (screen) =>
        /filter client:pane-1/.test(screen) && /from the first/.test(screen) && !/from the second/.test(screen),
    );
    await tmux.keys('Tab');
    await tmux.until(/Clients/);
    await tmux.keys('Tab');
    await tmux.until(/Tickets/);
    await tmux.keys('Tab');
    await tmux.until((screen) => !/Tickets|Clients/.test(screen));
  });

  test('a ticket is closed and opened again with x', async () => {
    const [id = ''] = await send(server.url, [{ message: 'to be closed', client_id: 'closer' }]);
    await using tmux = await open('client:closer');
    await tmux.until(/to be closed/);
    await tmux.keys('t');
    await untilState(server.url, id, 'is_ticket', true);
    const isIn = async (status: string) => {
      const answer = await fetch(`${server.url}/api/tickets?status=${status}`);
      return ((await answer.json()) as { tickets: { uuid: string }[] }).tickets.some(({ uuid }) => uuid === id);
    };
    await tmux.keys('T');
    await tmux.until(/Tickets[\s\S]*to be closed/);
    await tmux.keys('x');
    await tmux.until(/to be closed[\s\S]*closed just now[\s\S]*x opens it again/);
    assert.ok(await isIn('closed'));
    // Closed ones come last, and the selection stays with it.
    await tmux.keys('x');
    await tmux.until(/open again/);
    assert.ok(await isIn('open'));
  });

  test('help, wrap, sideways scroll and panes', async () => {
    const client_id = 'wide';
    await send(server.url, [{ message: `start ${'abcdefghij '.repeat(20)}end`, client_id }]);
    await using tmux = await open('client:wide', { width: 80, height: 24 });
    await tmux.until(/start abc.*›/);
    await tmux.keys('?');
    await tmux.until(/Keys[\s\S]*next, previous entry[\s\S]*quit/);
    await tmux.keys('?');
    await tmux.until((screen) => !/Keys/.test(screen));
    await tmux.keys('Right');
    await tmux.until((screen) => /‹/.test(screen) && !/start/.test(screen));
    await tmux.keys('Left');
    await tmux.until(/start/);
    await tmux.keys('z');
    await tmux.until(/start abc[\s\S]*end/);
    await tmux.keys('Enter');
    await tmux.until(/Entry[\s\S]*AROUND IT/);
    await tmux.keys('Tab', 'j', 'j');
    await tmux.until(/j k scroll/);
    await tmux.keys('q');
    await tmux.until((screen) => !/AROUND IT/.test(screen));
    await tmux.keys('q');
    await assertRestored(tmux, 0);
  });

  test('hostile text is shown as text and columns stay straight', async () => {
    const client_id = 'hostile';
    const messages = [
      '\u001b[8mhidden',
      '\u009b2Jcleared',
      'abc\u202edef',
      '{bold}tag{/bold}',
      '日本語 💥 e\u0301',
      '\u001b]0;owned\u0007',
    ];
    await send(
      server.url,
      messages.map((message) => ({ message: `${message} |`, client_id })),
    );
    await using tmux = await open('client:hostile', { width: 130, height: 24 });
    const screen = await tmux.until(/owned/);
    assert.match(screen, /\\x1b\[8mhidden \|/);
    assert.match(screen, /\\x9b2Jcleared \|/);
    assert.match(screen, /abc\\u202edef \|/);
    assert.match(screen, /\{bold\}tag\{\/bold\} \|/);
    assert.match(screen, /日本語 💥 e\u0301 \|/);
    assert.match(await tmux.format('#{pane_title}'), /^logd tail/);
  });

  test('is good at every size, also while it is resized', async () => {
    await using tmux = await open('', { width: 180, height: 45 });
    await tmux.until(/CLIENTS/);
    await tmux.resize(80, 24);
    const small = await tmux.until((screen) => !/CLIENTS/.test(screen) && /FOLLOWING.*\? help/.test(screen));
    assert.equal(small.trimEnd().split('\n').length, 24);
    await tmux.resize(30, 5);
    await tmux.until(/needs 40x8/);
    await tmux.resize(200, 50);
    await tmux.until(/LAST MINUTE[\s\S]*CLIENTS[\s\S]*FOLLOWING/);
  });

  test('without colours there are none; without UTF-8 all is ASCII', async () => {
    await using plain = await open('', { env: { NO_COLOR: '1' } });
    await plain.until(/LIVE/);
    assert.doesNotMatch(await plain.styledScreen(), /\u001b\[[0-9;]*[34]8;5/);
    await using ascii = await open('client:web-1', { env: { LC_ALL: 'C' } });
    const screen = await ascii.until(/\* LIVE/);
    assert.doesNotMatch(screen, /[^ -~\n]/);
    await using console = await open('client:web-1', { env: { TERM: 'linux' } });
    assert.doesNotMatch(await console.until(/• LIVE/), /[●▁▂▃▄▅▆▇…⚑✎]/);
  });

  const ends: [how: string, act: (tmux: Tmux) => Promise<void>, code: number][] = [
    ['Ctrl-C', (tmux) => tmux.keys('C-c'), 130],
    ['SIGINT', (tmux) => signal(tmux, 'SIGINT'), 130],
    ['SIGTERM', (tmux) => signal(tmux, 'SIGTERM'), 143],
    ['SIGHUP', (tmux) => signal(tmux, 'SIGHUP'), 129],
  ];
  for (const [how, act, code] of ends) {
    test(`${how} gives the terminal back and exits ${code}`, async () => {
      await using tmux = await open('');
      await tmux.until(/LIVE/);
      await act(tmux);
      await assertRestored(tmux, code);
    });
  }

  test('a terminal that is closed ends it with 129', async () => {
    const ownFolder = await mkdtemp(join(folder, 'closed-'));
    const command = `trap '' HUP; '${EXECUTABLE}' tail --server ${server.url}; echo code $? > end.txt`;
    const tmux = await openTmux({ width: 100, height: 24, cwd: ownFolder, command });
    await tmux.until(/LIVE/);
    const changes = watch(ownFolder, { signal: AbortSignal.timeout(10_000) });
    await tmux[Symbol.asyncDispose]();
    let said = '';
    for await (const { filename } of changes) {
      if (filename === 'end.txt') said = await readFile(join(ownFolder, filename), 'utf8');
      if (said !== '') break;
    }
    assert.equal(said, 'code 129\n');
  });

  test('Ctrl-Z gives the terminal back for a while, fg takes it up again', async () => {
    await using tmux = await openTmux({ width: 100, height: 24, cwd: folder, command: 'exec bash --norc' });
    await tmux.until(/[#$]/);
    await tmux.type(`'${EXECUTABLE}' tail --server ${server.url}`);
    await tmux.keys('Enter');
    await tmux.until(/LIVE[\s\S]*FOLLOWING/);
    await tmux.keys('C-z');
    await tmux.until((screen) => /Stopped/.test(screen) && !/FOLLOWING/.test(screen));
    assert.equal(await tmux.format('#{alternate_on} #{cursor_flag} #{mouse_any_flag}'), '0 1 0');
    await tmux.type('fg');
    await tmux.keys('Enter');
    await tmux.until(/LIVE[\s\S]*FOLLOWING/);
    await tmux.keys('Space');
    await tmux.until(/PAUSED/);
  });

  test('the mouse scrolls and selects', async () => {
    const client_id = 'mouse';
    await send(
      server.url,
      Array.from({ length: 40 }, (_, index) => ({ message: `row ${index + 1}.`, client_id })),
    );
    await using tmux = await open('client:mouse', { width: 90, height: 24 });
    await tmux.until(/row 40\./);
    await tmux.type('\u001b[<64;10;10M');
    await tmux.until(/37\/40/);
    await tmux.type('\u001b[<0;10;3M');
    await tmux.until(/20\/40/);
    await tmux.type('\u001b[<65;10;10M');
    await tmux.until(/23\/40/);
  });

  test('a server that is away is said at once and waited for; a restart loses and repeats nothing', async (t) => {
    const ownFolder = await emptyFolder(t);
    let own = await serve([], { cwd: ownFolder });
    const { url, port } = own;
    await own.kill('SIGTERM');
    await using tmux = await open('', { url, width: 100 });
    await tmux.until(/AWAY[\s\S]*cannot reach[\s\S]*firewall/);
    own = await serve([], { cwd: ownFolder, port });
    await tmux.until(/LIVE/);
    await send(url, [{ message: 'one.' }]);
    await tmux.until(/one\./);
    await own.kill('SIGKILL');
    await tmux.until(/AWAY/);
    own = await serve([], { cwd: ownFolder, port });
    await send(url, [{ message: 'two.' }, { message: 'three.' }]);
    const screen = await tmux.until(/three\.[\s\S]*connected again/, 20_000);
    assert.deepEqual(screen.match(/\b(one|two|three)\./g), ['one.', 'two.', 'three.']);
    await own[Symbol.asyncDispose]();
  });

  test('a sleep during which the server restarts loses and repeats nothing', async (t) => {
    const ownFolder = await emptyFolder(t);
    let own = await serve([], { cwd: ownFolder });
    const { url, port } = own;
    await using tmux = await open('', { url, width: 100 });
    await tmux.until(/LIVE/);
    await send(url, [{ message: 'one.' }]);
    await tmux.until(/one\./);
    await signal(tmux, 'SIGSTOP');
    await send(url, [{ message: 'two.' }]);
    await own.kill('SIGTERM');
    own = await serve([], { cwd: ownFolder, port });
    await send(url, [{ message: 'three.' }]);
    await signal(tmux, 'SIGCONT');
    const screen = await tmux.until(/three\./, 20_000);
    await send(url, [{ message: 'four.' }]);
    assert.deepEqual(
      (await tmux.until(/four\./)).match(/\b(one|two|three|four)\./g),
      ['one.', 'two.', 'three.', 'four.'],
      screen,
    );
    await own[Symbol.asyncDispose]();
  });

  test('a flood keeps it answering keys', async () => {
    await using tmux = await open('client:Client_*', { width: 120 });
    await tmux.until(/LIVE/);
    const args = ['ship', '--server', server.url, '--source', 'simulate', '--rate', '3000', '--count', '1000000'];
    await using flood = run([...args, '--state', `${folder}/flood`], { cwd: folder });
    await tmux.until(/ [1-9],\d{3}\/s/, 15_000);
    await tmux.keys('Space');
    await tmux.until(/PAUSED[\s\S]* new/, 5_000);
    await tmux.keys('k', 'k');
    await tmux.keys('?');
    await tmux.until(/Keys/, 5_000);
    await tmux.keys('Escape', 'G');
    await tmux.until(/FOLLOWING/, 5_000);
    await flood.kill();
    await tmux.keys('q');
    await assertRestored(tmux, 0);
  });
});

async function signal(tmux: Tmux, name: NodeJS.Signals): Promise<void> {
  process.kill(await tmux.processId(EXECUTABLE), name);
}
