import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AgentJson } from '../../src/api/types.ts';
import { ClientActivity } from '../../src/dashboard/client-activity.ts';
import { age, ago, duration, grouped, short } from '../../src/dashboard/figures.ts';
import { HourStrip } from '../../src/dashboard/hour-strip.ts';
import { condense } from '../../src/dashboard/paint/side.ts';
import { emptyLevelCounts } from '../../src/entry/level.ts';
import { reportOf } from '../support/agent-report.ts';

const MINUTE_MS = 60_000;

describe('hour strip', () => {
  test('counts on from what the server told, minute by minute', () => {
    const strip = new HourStrip();
    const buckets = Array.from({ length: 60 }, () => ({ start: '', counts: { ...emptyLevelCounts(), INFO: 1 } }));
    strip.load({ buckets, until: new Date(100 * MINUTE_MS).toISOString() });
    strip.add('ERROR', 100 * MINUTE_MS - 1);
    assert.equal(strip.counts(100 * MINUTE_MS).INFO, 60);
    assert.equal(strip.counts(100 * MINUTE_MS).ERROR, 1);
    assert.equal(strip.counts(110 * MINUTE_MS).INFO, 50);
    assert.equal(strip.counts(300 * MINUTE_MS).ERROR, 0);
  });

  test('a column tells the worst level of its minutes', () => {
    const strip = new HourStrip();
    const buckets = Array.from({ length: 60 }, (_, minute) => ({
      start: '',
      counts: { ...emptyLevelCounts(), INFO: minute < 30 ? 2 : 0, WARNING: minute === 3 ? 1 : 0 },
    }));
    strip.load({ buckets, until: new Date(100 * MINUTE_MS).toISOString() });
    assert.deepEqual(strip.columns(2, 100 * MINUTE_MS), [
      { total: 61, worst: 'WARNING' },
      { total: 0, worst: undefined },
    ]);
  });
});

describe('client activity', () => {
  test('joins what the server tells with what arrives', () => {
    const clients = new ClientActivity();
    const counts = { ...emptyLevelCounts(), INFO: 8, ERROR: 2 };
    const last_seen = new Date(1_000_000).toISOString();
    clients.load({ clients: [{ client_id: 'web', last_seen, total: 10, counts }], agents: [] });
    clients.add('web', true, 1_000_500);
    clients.add('db', false, 1_000_400);
    const [db, web] = clients.rows(1_000_600);
    assert.equal(db?.clientId, 'db');
    assert.deepEqual([web?.total, web?.errors, web?.lastSeenMs], [11, 3, 1_000_500]);
  });

  test('an agent in trouble stands first; one that reports is not silent for having nothing to send', () => {
    const clients = new ClientActivity();
    const last_seen = new Date(1_000).toISOString();
    const shared = { last_seen, total: 1, counts: emptyLevelCounts() };
    const agentOf = (silent_ms: number, stopped?: true): AgentJson => ({
      ...reportOf(),
      last_report: last_seen,
      silent_ms,
      lag_bytes: 0,
      lag_ms: 0,
      troubles: silent_ms > 30_000 && !stopped ? ['silent'] : [],
      ...(stopped ? { stopped } : {}),
    });
    const [well, silent, stopped] = [agentOf(900), agentOf(31_000), agentOf(31_000, true)];
    clients.load({
      clients: [
        { ...shared, client_id: 'alone' },
        { ...shared, client_id: 'quiet', agent: well },
        { ...shared, client_id: 'several', agent: well, agents: [well, silent] },
        { ...shared, client_id: 'stopped', agent: stopped },
      ],
      agents: [well, silent, stopped],
    });
    assert.deepEqual(
      clients.rows(200_000).map(({ clientId, isSilent }) => [clientId, isSilent]),
      [
        ['several', true],
        ['quiet', false],
        ['stopped', false],
        ['alone', true],
      ],
    );
  });

  test('one that has long been silent stands behind the others and is marked', () => {
    const clients = new ClientActivity();
    clients.add('a-silent', false, 1_000);
    clients.add('b-busy', false, 200_000);
    assert.deepEqual(
      clients.rows(200_000).map(({ clientId, isSilent }) => [clientId, isSilent]),
      [
        ['b-busy', false],
        ['a-silent', true],
      ],
    );
  });

  test('rates follow what arrives and fade', () => {
    const clients = new ClientActivity();
    clients.add('web', false, 0);
    for (let second = 1; second <= 30; second++) {
      for (let count = 0; count < 50; count++) clients.add('web', false, second * 1_000);
      clients.rows(second * 1_000);
    }
    assert.ok(Math.abs((clients.rows(30_500)[0]?.perSecond ?? 0) - 50) < 2);
    for (let second = 31; second <= 70; second++) clients.rows(second * 1_000);
    assert.equal(clients.rows(70_000)[0]?.perSecond, 0);
  });

  test('thousands of clients do not grow it for ever', () => {
    const clients = new ClientActivity();
    for (let number = 0; number < 5_000; number++) clients.add(`client-${number}`, false, number);
    assert.ok(clients.count <= 2_000);
    assert.ok(clients.rows(5_000).some(({ clientId }) => clientId === 'client-4999'));
  });
});

describe('figures', () => {
  test('numbers and times in few characters', () => {
    assert.deepEqual([0, 999, 4_912, 1_234_567].map(grouped), ['0', '999', '4,912', '1,234,567']);
    assert.deepEqual([0, 3.8, 999, 1_000, 9_949, 9_951, 999_400, 999_600, 2.5e9].map(short), [
      '0',
      '3.8',
      '999',
      '1.0k',
      '9.9k',
      '10k',
      '999k',
      '1.0M',
      '2.5G',
    ]);
    assert.deepEqual([0, 12_000, 300_000, 3 * 3_600_000, 9 * 86_400_000].map(ago), ['now', '12s', '5m', '3h', '9d']);
    assert.deepEqual([-5, 61_000].map(age), ['just now', '1m ago']);
    assert.deepEqual([3.4, 1_234, 12_000].map(duration), ['3 ms', '1.2 s', '12 s']);
  });

  test('values are condensed into what there is room for, newest at the end', () => {
    assert.deepEqual(condense([1, 2, 3], 5), [1, 2, 3]);
    assert.deepEqual(condense([9, 1, 3, 5, 7], 3), [9, 2, 6]);
  });
});
