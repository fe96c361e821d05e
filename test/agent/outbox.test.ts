/**
 * The outbox on a disk that fails at the worst step: what could not be made safe is neither skipped nor sent twice.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { loadState } from '../../src/agent/checkpoint.ts';
import { loadDropLedger } from '../../src/agent/drop-ledger.ts';
import { Outbox } from '../../src/agent/outbox.ts';
import { openSpool, type Spool } from '../../src/agent/spool.ts';
import { statePaths } from '../../src/agent/state-files.ts';
import { realClock } from '../../src/system/clock.ts';
import { type Files, realFiles } from '../../src/system/files.ts';
import { temporaryFolder } from '../support/folder.ts';

type Replace = Files['replace'];

async function open(
  folder: string,
  replace: Replace = realFiles.replace,
): Promise<{ outbox: Outbox; spool: Spool; next: () => number }> {
  const files: Files = { ...realFiles, replace };
  const state = await loadState(folder, files);
  const reporter = () => {};
  const { ledger } = await loadDropLedger(folder, files);
  const done = { acknowledged: state.acknowledged, dropped: ledger };
  const spool = await openSpool(
    { folder: statePaths(folder).spool, bytesMax: 2 ** 20, done, files, reporter },
    (message) => assert.fail(message),
  );
  const policy = 'block' as const;
  const batches = { spool, ledger, policy, batchBytesMax: 2 ** 18, compresses: false };
  const options = { folder, state, ...batches, clientId: 'web-1', files, clock: realClock, reporter };
  const outbox = new Outbox(options);
  return { outbox, spool, next: () => Number(outbox.positions.get('test:1')?.next ?? 0) };
}

function chunk(number: number) {
  const lines = Buffer.from(`{"message":"line ${number}"}\n`);
  return { lines, count: 1, positions: { 'test:1': { next: number + 1 } } };
}

function stateFolder(t: TestContext): string {
  return temporaryFolder(t);
}

test('outbox: behind a batch that cannot be written at a stop none is written, so that its lines are read again', async (t) => {
  const folder = stateFolder(t);
  let failures = 0;
  const { outbox } = await open(folder, async (path, bytes) => {
    if (path.endsWith('.batch') && failures++ < 1) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    await realFiles.replace(path, bytes);
  });
  void outbox.put(chunk(0));
  const first = outbox.flush();
  void outbox.put(chunk(1));
  const closing = outbox.close();
  await Promise.all([first, closing]);
  assert.equal(failures, 1, 'one try at a stop');
  const again = await open(folder);
  assert.equal(again.next(), 0);
  assert.equal(again.spool.depth, 0);
});

test('outbox: a batch that is in place and whose folder could not be synced is there once after a restart', async (t) => {
  const folder = stateFolder(t);
  let failures = 0;
  const { outbox } = await open(folder, async (path, bytes) => {
    await realFiles.replace(path, bytes);
    if (path.endsWith('.batch') && failures++ < 2) throw Object.assign(new Error('EIO'), { code: 'EIO' });
  });
  void outbox.put(chunk(0));
  await outbox.flush();
  assert.equal(failures, 3);
  const again = await open(folder);
  assert.deepEqual(await Promise.all(again.spool.held.map(async (batch) => String(await again.spool.body(batch)))), [
    '{"message":"line 0"}\n',
  ]);
  assert.equal(again.next(), 1);
});
