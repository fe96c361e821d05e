import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadState } from '../../src/agent/checkpoint.ts';
import { type DropLedger, saveDropLedger } from '../../src/agent/drop-ledger.ts';
import { Outbox } from '../../src/agent/outbox.ts';
import { openSpool } from '../../src/agent/spool.ts';
import { lookAtState, showBatch, type VerifiedFile, verifyState } from '../../src/agent/spool-look.ts';
import { repairState } from '../../src/agent/spool-repair.ts';
import { statePaths } from '../../src/agent/state-files.ts';
import { realClock } from '../../src/system/clock.ts';
import { realFiles } from '../../src/system/files.ts';
import { lockFolder } from '../../src/system/folder-lock.ts';
import { startAgent } from '../support/agent-run.ts';
import { createRandom, FaultyDisk } from '../support/faulty-files.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startIngestSink } from '../support/ingest-sink.ts';
import { makeState, type StateFolder } from '../support/state-folder.ts';

const NO_LEDGER: DropLedger = {
  dropped: { lines: 0, notices: 0 },
  batches: 0,
  again: { lines: 0, notices: 0 },
  told: { lines: 0, notices: 0 },
  upTo: 0,
  kept: 0,
};

function repair({ folder }: StateFolder, resends = false, files = realFiles) {
  return repairState({ folder, resends }, { files, clock: realClock });
}

/** What an agent sends that finds this state. */
async function delivered(t: TestContext, { folder }: StateFolder) {
  const sink = await startIngestSink();
  t.after(() => sink.close());
  const source = { name: 'none', clientId: 'web-1', run: async () => ({ kind: 'ended' }) as const };
  const agent = startAgent(t, { server: sink.url, sources: [source], stateFolder: folder });
  assert.deepEqual(await agent.ended, { kind: 'done' });
  return sink;
}

test('spool-look: what waits, what was refused and why, and what is torn', async (t) => {
  const state = await makeState(join(temporaryFolder(t), 'state'), 7);
  state.put(8, ['1', '2']);
  state.put(9, ['3']);
  state.put(5, ['4'], { refused: '400: no' });
  writeFileSync(state.path(6, 'torn'), 'rubbish');
  writeFileSync(state.path(10), 'rubbish');
  writeFileSync(`${state.path(11)}.new`, 'half');
  const look = await lookAtState(state.folder, realFiles);
  assert.ok(look);
  assert.deepEqual(
    look.batches.map(({ sequence, state: found, lines, reason }) => [sequence, found, lines, reason]),
    [
      [5, 'refused', 1, '400: no'],
      [6, 'torn', undefined, 'it does not begin as a batch does'],
      [8, 'waiting', 2, undefined],
      [9, 'waiting', 1, undefined],
      [10, 'damaged', undefined, 'it does not begin as a batch does'],
    ],
  );
  assert.equal(look.producer, state.producer);
  assert.equal(look.agentPid, undefined);
  assert.deepEqual(look.leftovers, [`${state.path(11)}.new`]);
  const locked = await lockFolder(state.folder, 'agent.lock');
  assert.ok(locked.ok);
  t.after(() => locked.lock.release());
  const running = await lookAtState(state.folder, realFiles);
  assert.equal(running?.agentPid, process.pid);
  assert.deepEqual(running?.leftovers, [], 'they are the agent’s own');
});

test('spool-look: what a crash left of answered, dropped and refused batches does not wait', async (t) => {
  const state = await makeState(join(temporaryFolder(t), 'state'), 9);
  for (const sequence of [1, 3, 4, 5, 6]) state.put(sequence, ['x']);
  state.put(6, ['x'], { refused: '413: large' });
  await saveDropLedger(state.folder, realFiles, { ...NO_LEDGER, upTo: 4, kept: 3 });
  const look = await lookAtState(state.folder, realFiles);
  assert.deepEqual(
    look?.batches.map(({ sequence, state: found }) => `${sequence} ${found}`),
    ['3 waiting', '5 waiting', '6 refused'],
  );
});

test('spool-look: no state is told from an empty one', async (t) => {
  const folder = temporaryFolder(t);
  assert.equal(await lookAtState(folder, realFiles), undefined);
  assert.equal(await lookAtState(join(folder, 'none'), realFiles), undefined);
});

test('spool-look: every damaged byte of a batch is found by verify', async (t) => {
  const state = await makeState(join(temporaryFolder(t), 'state'));
  const path = state.put(1, ['line']);
  state.put(2, ['line']);
  const whole = readFileSync(path);
  const verify = async () => {
    const found: VerifiedFile[] = [];
    for await (const file of verifyState(state.folder, realFiles)) found.push(file);
    return found.filter(({ kind }) => kind === 'damaged').map((file) => file.path);
  };
  assert.deepEqual(await verify(), []);
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    writeFileSync(path, changed);
    assert.deepEqual(await verify(), [path], `byte ${at}`);
  }
  writeFileSync(path, readFileSync(state.path(2)));
  assert.deepEqual(await verify(), [path], 'a batch under the name of another one');
});

test('spool-look: files that go between listing and reading are no damage', async (t) => {
  const state = await makeState(join(temporaryFolder(t), 'state'));
  state.put(1, ['line']);
  const list = async (folder: string) => [...(await realFiles.list(folder)), '0000000000000007.batch'];
  const files = { read: realFiles.read, list };
  for await (const file of verifyState(state.folder, files)) assert.equal(file.kind, 'whole');
  assert.equal((await lookAtState(state.folder, files))?.batches.length, 1);
});

test('spool-repair: refused while an agent runs', async (t) => {
  const state = await makeState(join(temporaryFolder(t), 'state'));
  const locked = await lockFolder(state.folder, 'agent.lock');
  assert.ok(locked.ok);
  t.after(() => locked.lock.release());
  const result = await repair(state);
  assert.ok(!result.ok);
  assert.match(result.reason, /an agent uses the state folder .* by process \d+: stop that process/);
});

test('spool-repair: a damaged batch is set aside, said in an entry, and the others are sent', async (t) => {
  const state = await makeState(join(temporaryFolder(t), 'state'), 3);
  state.put(1, ['one']);
  const damaged = state.put(2, ['two']);
  writeFileSync(damaged, readFileSync(damaged).subarray(0, -3));
  state.put(3, ['three']);
  writeFileSync(`${state.path(4)}.new`, 'half');
  const result = await repair(state);
  assert.ok(result.ok);
  assert.deepEqual(
    result.steps.map(({ kind }) => kind),
    ['removed', 'set-aside'],
  );
  assert.ok(existsSync(state.path(2, 'torn')));
  const sink = await delivered(t, state);
  assert.deepEqual(sink.messages(), ['one', 'three']);
  assert.equal(sink.notices().length, 1);
  assert.match(sink.notices()[0] ?? '', /batch 2 in the spool is damaged/);
  assert.equal(sink.entries.at(-1)?.client_id, 'web-1');
});

test('spool-repair: refused batches go back under numbers above all that ever were, without positions', async (t) => {
  const state = await makeState(join(temporaryFolder(t), 'state'), 20);
  state.put(5, ['five'], { refused: '413: large', positions: { 'file:1': { offset: 5 } } });
  state.put(6, ['six'], { refused: '413: large' });
  const kept = await repair(state);
  assert.ok(kept.ok && kept.refusedLeft === 2);
  const result = await repair(state, true);
  assert.ok(result.ok);
  assert.deepEqual(result.steps, [
    { kind: 'resent', from: 5, to: 21, lines: 1 },
    { kind: 'resent', from: 6, to: 22, lines: 1 },
  ]);
  const spool = await openSpool(
    { folder: statePaths(state.folder).spool, bytesMax: 2 ** 20, files: realFiles, reporter: () => {} },
    (message) => assert.fail(message),
  );
  assert.deepEqual(
    spool.held.map(({ header }) => header.positions),
    [{}, {}],
  );
  const sink = await delivered(t, state);
  assert.deepEqual(sink.messages(), ['five', 'six']);
});

test('spool-repair: a refused batch above the checkpoint stays: its lines may be read again', async (t) => {
  const state = await makeState(join(temporaryFolder(t), 'state'), 4);
  state.put(5, ['five'], { refused: '413: large' });
  const result = await repair(state, true);
  assert.deepEqual(result, { ok: true, steps: [], refusedLeft: 1 });
});

for (let stepsToKill = 1; stepsToKill <= 40; stepsToKill++) {
  test(`spool-repair: killed in step ${stepsToKill} of putting back, each line arrives once`, async (t) => {
    const state = await makeState(join(temporaryFolder(t), 'state'), 9);
    state.put(9, ['nine']);
    state.put(5, ['five'], { refused: '413: large' });
    state.put(6, ['six'], { refused: '413: large' });
    const disk = new FaultyDisk(createRandom(stepsToKill));
    disk.stepsToKill = stepsToKill;
    await repair(state, true, disk).catch((error: unknown) => {
      if (!disk.isKilled) throw error;
    });
    const first = await delivered(t, state);
    const result = await repair(state, true);
    assert.ok(result.ok && result.refusedLeft === 0);
    const second = await delivered(t, state);
    assert.deepEqual([...first.messages(), ...second.messages()].sort(), ['five', 'nine', 'six']);
  });
}

test('spool: the positions behind a refused batch are safe although no checkpoint has them', async (t) => {
  const state = await makeState(join(temporaryFolder(t), 'state'), 4);
  state.put(5, ['five'], { positions: { 'file:1': { offset: 5 } } });
  const { spool: folder } = statePaths(state.folder);
  const open = () =>
    openSpool({ folder, bytesMax: 2 ** 20, files: realFiles, reporter: () => {} }, (message) => assert.fail(message));
  const before = await open();
  const batch = before.oldest();
  assert.ok(batch);
  await before.refuse(batch, '413: large', (await before.body(batch)) ?? Buffer.alloc(0));
  // Killed here: the checkpoint knows nothing of it.
  const spool = await open();
  assert.equal(spool.depth, 0);
  const loaded = await loadState(state.folder, realFiles);
  const outbox = new Outbox({
    folder: state.folder,
    state: loaded,
    spool,
    ledger: NO_LEDGER,
    policy: 'block',
    batchBytesMax: 1_000,
    compresses: false,
    clientId: 'web-1',
    files: realFiles,
    clock: realClock,
    reporter: () => {},
  });
  assert.deepEqual(outbox.positions.get('file:1'), { offset: 5 });
  await outbox.checkpoint();
  assert.deepEqual(readdirSync(folder), ['0000000000000005.rejected']);
  assert.equal((await showBatch(state.folder, 5)).kind, 'shown');
});
