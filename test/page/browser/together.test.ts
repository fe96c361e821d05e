import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { EXECUTABLE, emptyFolder, run, serve } from '../../support/executable.ts';
import { hasTmux, openTmux } from '../../support/tmux.ts';
import { atEnd, skip as noBrowser, openPage } from './browser.ts';

const skip = noBrowser || (hasTmux ? false : 'no tmux on this machine; on Debian: apt-get install tmux');
const SECOND_MS = 1_000;

test('a line of a followed file is on two pages and in the terminal within a second, and so is the ticket made of it', {
  skip,
}, async (t) => {
  const cwd = await emptyFolder(t);
  const path = join(cwd, 'app.log');
  await writeFile(path, '');
  const server = await serve([], { cwd });
  // After the pages: they would complain of a server that goes first.
  atEnd(t, () => server.kill());
  await using _agent = run(
    ['ship', '--server', server.url, '--source', 'file', '--path', path, '--state', join(cwd, 'agent')],
    { cwd },
  );
  await using terminal = await openTmux({
    width: 140,
    height: 40,
    cwd,
    command: `${EXECUTABLE} tail --server ${server.url}`,
  });
  await terminal.until(/LIVE/);
  const view = await openPage(t, `${server.url}/view`);
  const tickets = await openPage(t, `${server.url}/tickets`);
  await view.getByText('Live', { exact: true }).first().waitFor();

  // The first line wakes everything that sleeps; the second one counts.
  await appendFile(path, 'the first line\n');
  await view.getByText('the first line').first().waitFor();
  await terminal.until(/the first line/);
  const message = 'disk /dev/sda1 is failing';
  const written = performance.now();
  await appendFile(path, `${message}\n`);
  await Promise.all([view.getByText(message).first().waitFor(), terminal.until((screen) => screen.includes(message))]);
  const shownMs = performance.now() - written;
  assert.ok(shownMs < SECOND_MS, `it took ${Math.round(shownMs)} ms`);

  const { logs } = (await (await fetch(`${server.url}/api/logs?query=sda1`)).json()) as { logs: { uuid: string }[] };
  await terminal.keys('t');
  await tickets.getByText(message).first().waitFor();
  await view
    .getByLabel(/ticket/i)
    .first()
    .waitFor();
  const answer = await fetch(`${server.url}/api/tickets`);
  const { tickets: kept } = (await answer.json()) as { tickets: { uuid: string }[] };
  assert.deepEqual(
    kept.map(({ uuid }) => uuid),
    [logs[0]?.uuid],
  );

  await fetch(`${server.url}/api/logs/${logs[0]?.uuid}/delete`, { method: 'POST' });
  await tickets.getByText(message).first().waitFor({ state: 'hidden' });
  await view.getByText(message).first().waitFor({ state: 'hidden' });
  await terminal.until((screen) => !screen.includes(message));
});
