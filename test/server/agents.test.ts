import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentReport } from '../../src/api/agent-report.ts';
import { writeAgentReport } from '../../src/api/agent-report.ts';
import { AGENTS_MAX } from '../../src/entry/limits.ts';
import { Agents } from '../../src/server/agents.ts';
import { reportOf } from '../support/agent-report.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

function tell(server: TestServer, report: Partial<AgentReport>, body = '', more: Record<string, string> = {}) {
  const headers = { 'content-type': 'application/x-ndjson', 'logd-agent': writeAgentReport(reportOf(report)), ...more };
  return server.post('/logs', body, { headers });
}

test('GET /api/clients: an agent that reported is beside its client, whatever else is as it was', async () => {
  await using server = await startTestServer();
  await server.post('/log', { message: 'm', client_id: 'curl', level: 'INFO' });
  const report = {
    sources: [{ name: 'file', lag_bytes: 7, lag_ms: 40 }, { name: 'stdin' }],
    spool: { batches: 1, lines: 5, bytes: 4_096, max_bytes: 10_000, oldest_ms: 900 },
    gaps: { events: 2, lines: 14, unknown: 1 },
  };
  assert.equal((await tell(server, report, '{"message":"m","client_id":"web-1"}\n')).json.accepted, 1);
  const { clients, agents } = (await server.get('/api/clients')).json;
  const [curl, web] = clients.sort((a: { client_id: string }, b: { client_id: string }) =>
    a.client_id < b.client_id ? -1 : 1,
  );
  assert.deepEqual(Object.keys(curl), ['client_id', 'last_seen', 'total', 'counts']);
  assert.equal(web.total, 1);
  const { last_report, silent_ms, ...agent } = web.agent;
  assert.deepEqual(agent, {
    host: 'web-1.example.org',
    version: '0.1.0',
    clients: ['web-1'],
    lag_bytes: 7,
    lag_ms: 900,
    troubles: ['gaps'],
    ...report,
  });
  assert.ok(Math.abs(Date.parse(last_report) - Date.now()) < 5_000);
  assert.ok(silent_ms >= 0 && silent_ms < 5_000);
  assert.equal(web.agents, undefined);
  assert.deepEqual(agents, [], 'its client has an entry');
});

test('POST /logs: an empty body carries a report alone, and stores nothing', async () => {
  await using server = await startTestServer();
  const { status, json } = await tell(server, { sources: [{ name: 'stdin' }] });
  assert.equal(status, 200);
  assert.deepEqual(json, { accepted: 0, rejected: [] });
  const { clients, agents } = (await server.get('/api/clients')).json;
  assert.deepEqual(clients, []);
  assert.equal(agents[0].lag_bytes, null);
  assert.equal(agents[0].lag_ms, 0);
});

test('GET /api/clients: of several agents of one client the last heard of is first, and all are told', async () => {
  await using server = await startTestServer();
  await server.post('/log', { message: 'm', client_id: 'web-1' });
  await tell(server, { producer: 'a', host: 'host-a' });
  await tell(server, { producer: 'b', host: 'host-b', clients: ['web-1', 'web-1', 'other'] });
  await tell(server, { producer: 'a', host: 'host-a', stopped: true });
  const { clients, agents: unheard } = (await server.get('/api/clients')).json;
  const [{ agent, agents }] = clients;
  assert.equal(agent.host, 'host-a');
  assert.equal(agent.stopped, true);
  assert.deepEqual(
    agents.map(({ host }: { host: string }) => host),
    ['host-a', 'host-b'],
  );
  assert.deepEqual(
    unheard.map(({ host }: { host: string }) => host),
    ['host-b'],
    'the other client of b has no entry',
  );
});

test('POST /logs: a wrong report does the batch no harm and is counted', async () => {
  await using server = await startTestServer();
  for (const text of ['{nope', '{}', 'x'.repeat(9_000), JSON.stringify({ ...reportOf(), gaps: -1 })]) {
    const headers = { 'content-type': 'application/x-ndjson', 'logd-agent': text };
    assert.equal((await server.post('/logs', '{"message":"m"}\n', { headers })).json.accepted, 1, text.slice(0, 40));
  }
  assert.deepEqual((await server.get('/api/clients')).json.agents, []);
  assert.match((await server.get('/metrics')).text, /^logd_agent_reports_rejected_total 4$/m);
});

test('GET /metrics: sums over the agents, those that have ended not counted among them', async () => {
  await using server = await startTestServer();
  const spool = { ...reportOf().spool, lines: 30 };
  await tell(server, { producer: 'a', spool, gaps: { events: 2, lines: 0, unknown: 2 } });
  await tell(server, { producer: 'b', spool, gaps: { events: 1, lines: 9, unknown: 0 } });
  await tell(server, { producer: 'c', stopped: true });
  const { text } = await server.get('/metrics');
  for (const line of ['logd_agents 2', 'logd_agents_silent 0', 'logd_agents_spool_lines 60', 'logd_agents_gaps 3']) {
    assert.ok(text.split('\n').includes(line), `${line} is missing`);
  }
});

test('reports: the ingest token may send them, only the view token may read them', async () => {
  const tokens = { ingest: 'in-token', view: 'view-token' };
  await using server = await startTestServer({ tokens });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  assert.equal((await tell(server, {}, '', bearer('view-token'))).status, 403);
  assert.equal((await tell(server, {})).status, 401);
  assert.equal((await tell(server, {}, '', bearer('in-token'))).status, 200);
  assert.equal((await server.get('/api/clients', { headers: bearer('in-token') })).status, 403);
  const { agents } = (await server.get('/api/clients', { headers: bearer('view-token') })).json;
  assert.equal(agents.length, 1, 'what was refused is not taken');
});

test('agents: lag grows when more waits than some seconds before, and no longer when it shrinks', () => {
  const clock = { ...createManualClock(), atMs: 0, monotonicMs: () => clock.atMs };
  const agents = new Agents(clock);
  const seen: boolean[] = [];
  const steps = [
    [0, 100, 0],
    [1_000, 900, 1_000],
    [6_000, 1_000, 6_000],
    [7_000, 500, 7_000],
    [12_000, 400, 12_000],
    [18_000, 400, 18_000],
    [24_000, 500, 24_000],
    [25_000, 0, 0],
  ] as const;
  for (const [atMs, lag_bytes, lag_ms] of steps) {
    clock.atMs = atMs;
    agents.take(writeAgentReport(reportOf({ sources: [{ name: 'file', lag_bytes, lag_ms }] })));
    seen.push(agents.all()[0]?.troubles.includes('lag') ?? false);
  }
  assert.deepEqual(seen, [false, false, true, true, false, false, true, false]);
});

test('agents: one that is not heard of is silent, and thousands do not grow the memory for ever', () => {
  const clock = { ...createManualClock(), atMs: 0, monotonicMs: () => clock.atMs };
  const agents = new Agents(clock);
  for (let number = 0; number < AGENTS_MAX + 5; number++) {
    agents.take(writeAgentReport(reportOf({ producer: `agent-${number}`, host: `host-${number}` })));
  }
  agents.take(writeAgentReport(reportOf({ producer: 'agent-5', host: 'host-5' })));
  agents.take(writeAgentReport(reportOf({ producer: 'new', host: 'new' })));
  const hosts = agents.all().map(({ host }) => host);
  assert.equal(hosts.length, AGENTS_MAX);
  assert.deepEqual([hosts[0], hosts[1], hosts.at(-1)], ['new', 'host-5', 'host-7']);
  clock.atMs = 31_000;
  agents.take(writeAgentReport(reportOf({ producer: 'new', host: 'new' })));
  assert.deepEqual([agents.figures().running, agents.figures().silent], [AGENTS_MAX, AGENTS_MAX - 1]);
  assert.equal(agents.all().at(-1)?.silent_ms, 31_000);
  assert.deepEqual(agents.all().at(-1)?.troubles, ['silent']);
  assert.deepEqual(agents.all()[0]?.troubles, []);
});

test('agents: a spool beyond 80 % is a trouble; one that has ended is not silent', () => {
  const clock = { ...createManualClock(), atMs: 0, monotonicMs: () => clock.atMs };
  const agents = new Agents(clock);
  const { spool } = reportOf();
  agents.take(writeAgentReport(reportOf({ producer: 'a', spool: { ...spool, bytes: 800_001 } })));
  agents.take(writeAgentReport(reportOf({ producer: 'b', spool: { ...spool, bytes: 800_000 }, stopped: true })));
  clock.atMs = 31_000;
  assert.deepEqual(
    agents.all().map(({ troubles }) => troubles),
    [[], ['silent', 'spool']],
  );
});
