/**
 * A real process that stores under load is killed at random moments. LOGD_TEST_KILLS sets how often.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';
import { ID_LENGTH, ID_NONE } from '../../../src/entry/id.ts';
import { LOG_NAME } from '../../../src/store/file/names.ts';
import type { Store, StoredEntry } from '../../../src/store/store.ts';
import { batchOf } from '../../support/drafts.ts';
import { openForTest } from '../../support/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

const KILLS = Number(process.env.LOGD_TEST_KILLS ?? 20);
const WRITER = fileURLToPath(new URL('../../support/store-writer.ts', import.meta.url));

interface Answered {
  readonly kind: string;
  readonly number: number;
  readonly count: number;
  readonly firstId: string;
  readonly lastId: string;
}

test(`file store: killed with SIGKILL ${KILLS} times under load, nothing answered is lost, doubled or torn`, async (t) => {
  const folder = temporaryFolder(t);
  const answered: Answered[] = [];
  for (let round = 0; round < KILLS; round++) answered.push(...(await writeAndKill(t, folder, round * 1_000_000)));
  assert.ok(answered.length > KILLS, `only ${answered.length} answers in ${KILLS} rounds`);
  const { store } = await openForTest(folder);
  const stored = await allAfter(store);
  const places = new Map(stored.map(({ entry }, index) => [entry.message, index]));
  assert.equal(places.size, stored.length, 'an entry is there twice');
  for (const { number, count, firstId, lastId } of answered) {
    const first = places.get(`${number}/0`);
    const last = places.get(`${number}/${count - 1}`);
    assert.ok(first !== undefined && last !== undefined, `batch ${number} was answered and is not stored`);
    assert.equal(last - first, count - 1, `batch ${number} is not whole and in order`);
    assert.deepEqual([stored[first]?.entry.id, stored[last]?.entry.id], [firstId, lastId]);
  }
  const counts = new Map<string, number>();
  for (const { entry } of stored) {
    const number = entry.message.split('/')[0] ?? '';
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  for (const [number, count] of counts) assert.ok([1, 20, 50].includes(count), `batch ${number}: ${count} entries`);
  const lastOfAgent = answered.findLast(({ kind }) => kind === 'agent');
  assert.ok(lastOfAgent);
  const { number } = lastOfAgent;
  const again = await store.append(batchOf(['x'], 0), { producer: 'agent', sequence: number, bodyHash: `${number}` });
  assert.equal(again.kind, 'duplicate');
  await store.close();
  const lines = allText(folder).split('\n');
  assert.equal(lines.pop(), '');
  assert.equal(lines.length, stored.length, 'the files and the answers do not agree');
  assert.ok(lines.every((line) => /^\d{4}-.* - \[INFO\] - \[web-1\] - \[ID:[0-9a-f-]{36}\] - \d+\/\d+$/.test(line)));
  t.diagnostic(
    `${answered.length} batches answered, ${stored.length} entries stored in ${readdirSync(folder).filter((name) => name.endsWith('.zst')).length} sealed segments and others`,
  );
});

/** One answer is bounded in bytes. */
async function allAfter(store: Store): Promise<StoredEntry[]> {
  const all: StoredEntry[] = [];
  for (;;) {
    const more = await store.after(all.at(-1)?.entry.id ?? ID_NONE, 1_000_000);
    if (more.length === 0) return all;
    for (const entry of more) all.push(entry);
  }
}

/** Of all segments in their order, each once, whether sealed or not. */
function allText(folder: string): string {
  const names = readdirSync(folder).filter((name) => /^app-.*\.log(\.zst)?$/.test(name));
  const older = names.sort().map((name) => {
    const bytes = readFileSync(join(folder, name));
    return (name.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes).toString('latin1');
  });
  return older.join('') + readFileSync(join(folder, LOG_NAME), 'latin1');
}

async function writeAndKill(t: TestContext, folder: string, start: number): Promise<Answered[]> {
  const child = spawn(process.execPath, [WRITER, folder, `${start}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const answered: Answered[] = [];
  const lines = createInterface(child.stdout);
  const ready = once(lines, 'line');
  lines.on('line', (line) => {
    // The last line of a killed process may be torn.
    const [kind = '', number, count, firstId = '', lastId = ''] = line.split(' ');
    if (lastId.length === ID_LENGTH)
      answered.push({ kind, number: Number(number), count: Number(count), firstId, lastId });
  });
  await ready;
  // Any moment will do: this is the load's time, not a wait for something.
  await sleep(Math.random() * (Math.random() < 0.2 ? 600 : 60));
  child.kill('SIGKILL');
  await ended;
  return answered;
}
