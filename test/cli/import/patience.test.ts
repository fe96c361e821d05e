import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPatience } from '../../../src/cli/import/patience.ts';
import type { Clock } from '../../../src/system/clock.ts';

const AWAY = { message: 'cannot reach it', hasAnswered: false } as const;

function scene() {
  let nowMs = 0;
  const told: string[] = [];
  const waits: number[] = [];
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    async sleep(durationMs) {
      waits.push(durationMs);
      nowMs += durationMs;
    },
  };
  const patience = createPatience({
    serverUrl: 'http://logs',
    clock,
    reporter: ({ message }) => told.push(message),
    stop: new AbortController().signal,
  });
  return { patience, told, waits };
}

test('import: a server that never answered is not waited for', async () => {
  const { patience, waits } = scene();
  await assert.rejects(patience.wait(AWAY), /cannot reach it/);
  assert.deepEqual(waits, []);
});

test('import: a server that goes away is waited for, longer each time, and both is said once', async () => {
  const { patience, told, waits } = scene();
  patience.succeeded();
  for (let tries = 0; tries < 20; tries++) await patience.wait(AWAY);
  assert.ok(waits.every((waitMs) => waitMs > 0 && waitMs <= 5_000));
  assert.ok((waits[0] ?? 0) <= 250 && (waits.at(-1) ?? 0) >= 2_500);
  patience.succeeded();
  assert.deepEqual(told, ['cannot reach it; waiting for it', 'http://logs takes logs again']);
});

test('import: a server that asks to wait is waited for as long as it asks, and told of when it goes on asking', async () => {
  const { patience, told, waits } = scene();
  const busy = { message: 'starting', hasAnswered: true, retryAfterMs: 3_000 };
  await patience.wait(busy);
  patience.succeeded();
  assert.deepEqual(waits, [3_000]);
  assert.deepEqual(told, []);
  for (let tries = 0; tries < 3; tries++) await patience.wait(busy);
  patience.succeeded();
  assert.deepEqual(told, ['starting; waiting for it', 'http://logs takes logs again']);
});

test('import: it gives up after a quarter of an hour and says how to go on', async () => {
  const { patience, waits } = scene();
  patience.succeeded();
  await assert.rejects(async () => {
    for (;;) await patience.wait(AWAY);
  }, /given up after 15 minutes: run the import again/);
  const waitedMs = waits.reduce((sum, waitMs) => sum + waitMs, 0);
  assert.ok(waitedMs >= 15 * 60_000 && waitedMs < 16 * 60_000);
});
