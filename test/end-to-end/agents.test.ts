/** What agents tell of themselves, from outside. */
import assert from 'node:assert/strict';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AgentJson, ClientsBody } from '../../src/api/types.ts';
import { emptyFolder, run, serve } from '../support/executable.ts';

async function clientOf(url: string): Promise<ClientsBody['clients'][number] | undefined> {
  const body = (await (await fetch(`${url}/api/clients`)).json()) as ClientsBody;
  return body.clients.find(({ client_id }) => client_id === 'web-1');
}

async function until(url: string, what: string, isSo: (agent: AgentJson) => boolean, deadlineMs = 15_000) {
  const giveUpMs = performance.now() + deadlineMs;
  for (;;) {
    const client = await clientOf(url);
    if (client?.agent && isSo(client.agent)) return { ...client, agent: client.agent };
    if (performance.now() > giveUpMs) assert.fail(`not within ${deadlineMs} ms: ${what}; ${JSON.stringify(client)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('agents: spool and lag while the server is away, and what was lost, are in /api/clients', async (t) => {
  const cwd = await emptyFolder(t);
  const path = join(cwd, 'app.log');
  await writeFile(path, 'first\n');
  await using first = await serve([], { cwd });
  const { port, url } = first;
  const args = ['ship', '--server', url, '--source', 'file', '--path', path, '--from', 'start'];
  const where = ['--client-id', 'web-1', '--state', join(cwd, 'agent'), '--spool-size', '64KB'];
  const agent = run([...args, ...where], { cwd });
  await using _agent = agent;
  const before = await until(url, 'the agent reports', () => true);
  assert.deepEqual(before.agent.gaps, { events: 0, lines: 0, unknown: 0 });
  assert.equal(before.total, 1);

  await first.kill();
  await appendFile(path, 'second\n');
  await agent.printed('cannot reach');
  // More than the spool and what is on its way to it hold: the rest stays in the file.
  const lines = 20_000;
  await appendFile(path, `${'x'.repeat(1_000)}\n`.repeat(lines));
  await agent.printed('is full');
  // Slowly enough to be seen.
  await using second = await serve(['--client-rate', '4000'], { cwd, port });
  const isBehind = ({ lag_ms, lag_bytes, spool }: AgentJson) =>
    lag_ms > 0 && spool.lines > 0 && (lag_bytes ?? 0) > 1_000_000;
  await until(url, 'lag and spool are told', isBehind);
  const isAllWell = ({ lag_bytes, lag_ms, spool }: AgentJson) =>
    lag_bytes === 0 && lag_ms === 0 && spool.lines + spool.bytes === 0;
  const after = await until(url, 'lag and spool fall to nothing', isAllWell, 30_000);
  assert.equal(after.total, lines + 2);
  assert.deepEqual(after.agent.troubles, []);

  await agent.kill();
  await appendFile(path, 'nobody reads this\n');
  await rm(path);
  await writeFile(path, 'a new file\n');
  await using _again = run([...args, ...where], { cwd });
  const lossy = await until(url, 'the gap is told', ({ gaps }) => gaps.events === 1);
  assert.deepEqual(lossy.agent.gaps, { events: 1, lines: 0, unknown: 1 });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  assert.match(metrics, /^logd_agents 1$/m);
  assert.match(metrics, /^logd_agents_gaps 1$/m);

  // Nothing is sent any more: the report of a quiet agent is what a new server hears of it.
  await second.kill();
  await using third = await serve([], { cwd, port });
  const readyMs = performance.now();
  await until(third.url, 'the report has come back', ({ gaps }) => gaps.events === 1);
  assert.ok(performance.now() - readyMs < 10_000);
});

test('agents: one that was stopped says so', async (t) => {
  const cwd = await emptyFolder(t);
  await using server = await serve([], { cwd });
  await using agent = run(
    ['ship', '--server', server.url, '--source', 'stdin', '--client-id', 'web-1', '--state', join(cwd, 'agent')],
    { cwd, input: 'line\n' },
  );
  assert.equal(await agent.ended(), 0);
  const { agent: told } = await until(server.url, 'the goodbye', ({ stopped }) => stopped === true);
  assert.equal(told.lag_bytes, null);
  assert.deepEqual(told.sources, [{ name: 'stdin' }]);
});
