/**
 * Following files, each situation against a real folder: what arrives is each line once, in order, and what was lost is told.
 */
import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { scene, settled, withinGrace } from '../support/following-scene.ts';

test('following: lines appended in pieces of three bytes arrive whole, once', async (t) => {
  const { start, append, arrived } = await scene(t);
  append('first\n');
  start();
  await arrived(['first']);
  const text = 'zwölf Boxkämpfer\njagen Viktor\nquer über\n';
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 3) {
    append(bytes.subarray(at, at + 3));
    await new Promise((resolve) => setTimeout(resolve, 12));
  }
  await arrived(['first', 'zwölf Boxkämpfer', 'jagen Viktor', 'quer über']);
});

test('following: an unfinished last line is held, also over a restart, and sent whole when it is finished', async (t) => {
  const { start, append, arrived } = await scene(t);
  append('one\ntw');
  const agent = start();
  await arrived(['one']);
  await settled();
  await agent.stop();
  await arrived(['one']);
  start();
  await settled();
  await arrived(['one']);
  append('o\n');
  await arrived(['one', 'two']);
});

test('following: without --from a file begins at its end, and one that appears later at its beginning', async (t) => {
  const { start, append, arrived, folder } = await scene(t);
  append('old\nhalf');
  const agent = start({ from: 'end', patterns: [join(folder, '*.log')] });
  await agent.reported('following');
  append(' a line\nnew\n');
  await arrived(['half a line', 'new']);
  append('of another\n', join(folder, 'b.log'));
  await arrived(['half a line', 'new', 'of another']);
  await agent.stop();
  append('while away\n', join(folder, 'c.log'));
  start({ from: 'end', patterns: [join(folder, '*.log')] });
  await arrived(['half a line', 'new', 'of another', 'while away']);
});

test('following: rotated by rename and create while the writer goes on with the old file: all of old, then new', async (t) => {
  const { start, append, arrived, path } = await scene(t);
  append('1\n');
  start();
  await arrived(['1']);
  const old = openSync(path, 'a');
  renameSync(path, `${path}.1`);
  append('new 1\n');
  writeSync(old, '2\n');
  await withinGrace();
  writeSync(old, '3\n');
  append('new 2\n');
  closeSync(old);
  await arrived(['1', '2', '3', 'new 1', 'new 2']);
});

test('following: a line begun before and finished after the rename is one line', async (t) => {
  const { start, append, arrived, path } = await scene(t);
  append('1\npart');
  start();
  await arrived(['1']);
  const old = openSync(path, 'a');
  renameSync(path, `${path}.1`);
  append('four\n');
  await withinGrace();
  writeSync(old, 'ial\n');
  closeSync(old);
  await arrived(['1', 'partial', 'four']);
});

test('following: a writer that never opens the new file is read on', async (t) => {
  const { start, append, arrived, path } = await scene(t);
  append('1\n');
  start();
  await arrived(['1']);
  const old = openSync(path, 'a');
  renameSync(path, `${path}.1`);
  append('new\n');
  await arrived(['1', 'new']);
  writeSync(old, 'late\n');
  closeSync(old);
  await arrived(['1', 'new', 'late']);
});

test('following: copytruncate loses nothing that is in the copy and repeats nothing', async (t) => {
  const { start, append, arrived, path, sink } = await scene(t);
  append('1\n2\n');
  start();
  await arrived(['1', '2']);
  // In one step, so that the follower cannot read 3 and 4 from the file itself.
  append('3\n4\nhal');
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
  await arrived(['1', '2', '3', '4', 'hal']);
  append('5\n');
  await arrived(['1', '2', '3', '4', 'hal', '5']);
  assert.deepEqual(sink.notices(), []);
});

test('following: copytruncate into a packed copy', async (t) => {
  const { start, append, arrived, path } = await scene(t);
  append('1\n2\n');
  start();
  await arrived(['1', '2']);
  append('3\n');
  writeFileSync(`${path}-20261122.gz`, gzipSync(readFileSync(path)));
  truncateSync(path, 0);
  append('4\n');
  await arrived(['1', '2', '3', '4']);
});

test('following: with a pattern that matches the copy too, the copy is not read', async (t) => {
  const { start, append, arrived, path, folder, sink } = await scene(t);
  append('1\n2\n');
  const agent = start({ patterns: [join(folder, 'a.log*')] });
  await arrived(['1', '2']);
  copyFileSync(path, `${path}.1`);
  await settled();
  truncateSync(path, 0);
  append('3\n');
  await arrived(['1', '2', '3']);
  await settled();
  await agent.stop();
  start({ patterns: [join(folder, 'a.log*')] });
  append('4\n');
  await arrived(['1', '2', '3', '4']);
  assert.deepEqual(sink.notices(), []);
});

test('following: truncated and filled beyond the old size at once: read from the beginning', async (t) => {
  const { start, append, arrived, path } = await scene(t);
  append('old 1\nold 2\n');
  start();
  await arrived(['old 1', 'old 2']);
  writeFileSync(path, 'new 1\nnew 2\nnew 3\nnew 4\n');
  await arrived(['old 1', 'old 2', 'new 1', 'new 2', 'new 3', 'new 4']);
});

test('following: filled with the same first kilobyte and other lines behind it: still seen', async (t) => {
  const { start, arrived, path } = await scene(t);
  const head = Array.from({ length: 100 }, (_, index) => `a header line ${index}`);
  writeFileSync(path, `${head.join('\n')}\nold\n`);
  start();
  await arrived([...head, 'old']);
  writeFileSync(path, `${head.join('\n')}\nnew and longer\nmore\n`);
  await arrived([...head, 'old', ...head, 'new and longer', 'more']);
});

test('following: the hole of a writer that goes on at its old place is skipped', async (t) => {
  const { start, append, arrived, path } = await scene(t);
  append('1\n');
  start();
  await arrived(['1']);
  const writer = openSync(path, 'r+');
  ftruncateSync(writer, 0);
  writeSync(writer, 'after the hole\n', 64 * 1024 * 1024);
  closeSync(writer);
  await arrived(['1', 'after the hole']);
});

test('following: removed and made anew: the new file from its beginning', async (t) => {
  const { start, append, arrived, path } = await scene(t);
  append('1\n');
  start();
  await arrived(['1']);
  rmSync(path);
  append('2\n3\n');
  await arrived(['1', '2', '3']);
});

test('following: removed and made anew with the same inode while away: from its beginning, and told', async (t) => {
  const { start, append, arrived, path, sink } = await scene(t);
  append('old 1\nold 2\n');
  const agent = start();
  await arrived(['old 1', 'old 2']);
  await agent.stop();
  rmSync(path);
  append('a new file, longer than the old one\nnew 2\n');
  start();
  await arrived(['old 1', 'old 2', 'a new file, longer than the old one', 'new 2']);
  await sink.until(() => sink.notices().length === 1, 'a notice');
  assert.match(sink.notices()[0] ?? '', /rotated away, removed or written anew .* behind byte 12 /);
});

for (const { name, pack } of [
  { name: 'plain', pack: undefined },
  { name: 'packed with gzip', pack: { ending: '.gz', bytes: gzipSync } },
  { name: 'packed with zstd', pack: { ending: '.zst', bytes: zstdCompressSync } },
]) {
  test(`following: rotated twice while away, ${name}: the rest, what came between, and the new file, in order`, async (t) => {
    const { start, append, arrived, path, sink } = await scene(t);
    append('1\n2\n');
    const agent = start();
    await arrived(['1', '2']);
    await agent.stop();
    append('3\nunfinished');
    renameSync(path, `${path}.2`);
    append('4\n5\n');
    renameSync(path, `${path}.1`);
    append('6\n');
    for (const number of pack ? [1, 2] : []) {
      writeFileSync(`${path}.${number}${pack?.ending}`, pack?.bytes(readFileSync(`${path}.${number}`)) ?? '');
      rmSync(`${path}.${number}`);
    }
    const all = ['1', '2', '3', 'unfinished', '4', '5', '6'];
    const second = start();
    await arrived(all);
    append('7\n');
    await arrived([...all, '7']);
    await second.stop();
    start();
    append('8\n');
    await arrived([...all, '7', '8']);
    assert.deepEqual(sink.notices(), []);
  });
}

test('following: the followed file was rotated out of existence while away: one notice, and all that is there', async (t) => {
  const { start, append, arrived, path, sink } = await scene(t);
  writeFileSync(`${path}.3`, 'long before\n');
  append('1\n2\n');
  const agent = start();
  await arrived(['1', '2']);
  await agent.stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  rmSync(path);
  writeFileSync(`${path}.2`, '4\n');
  writeFileSync(`${path}.1`, '5\n');
  append('6\n');
  start();
  await arrived(['1', '2', '4', '5', '6']);
  assert.equal(sink.notices().length, 1);
});

test('following: file and folder missing at the start: told, and read from the beginning when they appear', async (t) => {
  const { start, arrived, folder } = await scene(t);
  const path = join(folder, 'later', 'b.log');
  const agent = start({ from: 'end', patterns: [path] });
  const report = await agent.reported('file-missing');
  assert.match(report.message, /b\.log is not there yet/);
  mkdirSync(join(folder, 'later'));
  writeFileSync(path, '1\n2\n');
  await arrived(['1', '2']);
});

test('following: a line of ten megabytes is cut and marked, told, and the next lines are whole', async (t) => {
  const { start, append, sink } = await scene(t);
  append(`${'x'.repeat(10 * 1024 * 1024)}\nnext\n`);
  start();
  await sink.until(() => sink.messages().length === 2 && sink.notices().length === 1, 'the lines and the notice');
  assert.equal(sink.messages()[0], `${'x'.repeat(65_536 - 8)}...[cut]`);
  assert.equal(sink.messages()[1], 'next');
  assert.match(
    sink.notices()[0] ?? '',
    /1 line of .*a\.log longer than 65536 bytes was cut: 10420232 bytes are missing/,
  );
});

test('following: damaged UTF-8, CRLF and empty lines', async (t) => {
  const { start, append, arrived } = await scene(t);
  append(
    Buffer.concat([Buffer.from('a\r\n\n\r\n'), Buffer.from('Gr\u00fc\u00dfe\n', 'latin1'), Buffer.from('b\rc\n')]),
  );
  start();
  await arrived(['a', 'Gr\ufffd\ufffde', 'b\rc']);
});

test('following: UTF-16LE with a byte order mark, also over a restart', async (t) => {
  const { start, append, arrived } = await scene(t);
  append(Buffer.from('\ufeffeins\r\nzwei\r\n', 'utf16le'));
  const agent = start();
  await arrived(['eins', 'zwei']);
  await agent.stop();
  append(Buffer.from('drei\r\n', 'utf16le'));
  start();
  await arrived(['eins', 'zwei', 'drei']);
});

test('following: 500 files, a link, a second name, a move between names: each line once, a busy file starves none', async (t) => {
  const { start, append, folder, sink } = await scene(t);
  const names = Array.from({ length: 500 }, (_, index) => join(folder, `f${index}.log`));
  for (const name of names) append('1\n', name);
  symlinkSync(names[0] ?? '', join(folder, 'symbolic.log'));
  linkSync(names[1] ?? '', join(folder, 'hard.log'));
  const busy = join(folder, 'busy.log');
  append('busy\n'.repeat(400_000), busy);
  start({ patterns: [join(folder, '*.log')] });
  const quiet = () => sink.entries.filter(({ message }) => message !== 'busy').length;
  await sink.until(() => quiet() >= 500, 'a line of every file', 5_000);
  renameSync(names[2] ?? '', join(folder, 'moved.log'));
  append('2\n', join(folder, 'moved.log'));
  for (const name of names.slice(3)) append('2\n', name);
  await sink.until(() => quiet() >= 998 && sink.entries.length >= 400_998, 'the second line of every file', 20_000);
  await settled();
  assert.equal(quiet(), 998);
  assert.equal(sink.entries.length, 400_998);
});

test('following: a file that may not be read is told once, the others are read, and it is read when it may be', async (t) => {
  if (process.getuid?.() === 0) return t.skip('root may read everything');
  const { start, append, arrived, folder, path } = await scene(t);
  const closed = join(folder, 'closed.log');
  append('closed\n', closed);
  chmodSync(closed, 0o000);
  append('open\n');
  const agent = start({ patterns: [path, closed] });
  await arrived(['open']);
  await settled();
  assert.equal(agent.reports.filter(({ event }) => event === 'file-unreadable').length, 1);
});

test('following: a folder in the place of a file is told, and the others are read', async (t) => {
  const { start, append, arrived, folder, path } = await scene(t);
  append('1\n');
  const agent = start({ patterns: [folder, path] });
  await arrived(['1']);
  assert.match((await agent.reported('file-unreadable')).message, /it is no file/);
});

for (const { name, damage } of [
  {
    name: 'the checkpoint is damaged',
    damage: (state: string) => writeFileSync(join(state, 'checkpoint.json'), '{"ver'),
  },
  {
    name: 'the checkpoint is of zeros',
    damage: (state: string) => writeFileSync(join(state, 'checkpoint.json'), Buffer.alloc(100)),
  },
  { name: 'the checkpoint is gone', damage: (state: string) => rmSync(join(state, 'checkpoint.json')) },
  {
    name: 'both files are empty',
    damage: (state: string) => ['agent', 'checkpoint'].map((file) => writeFileSync(join(state, `${file}.json`), '')),
  },
]) {
  test(`following: ${name}: told on stderr and by a WARNING entry, and it goes on from the end`, async (t) => {
    const { start, append, arrived, state, sink } = await scene(t);
    append('1\n2\n');
    const agent = start();
    await arrived(['1', '2']);
    await agent.stop();
    damage(state);
    append('3\n');
    const second = start();
    assert.match((await second.reported('state-corrupt')).message, /checkpoint\.json/);
    await sink.until(() => sink.notices().length === 1, 'a notice');
    append('4\n');
    await arrived(['1', '2', '4']);
    assert.equal(sink.entries.find(({ source }) => source === 'logd')?.level, 'WARNING');
    assert.equal(sink.entries.find(({ source }) => source === 'logd')?.client_id, 'web-1');
  });
}

test('following: --once reads what is there, an unfinished last line too, ends, and goes on there the next time', async (t) => {
  const { start, append, arrived } = await scene(t);
  append('1\n2');
  assert.deepEqual(await start({ once: true }).ended, { kind: 'done' });
  await arrived(['1', '2']);
  append('\n3\n');
  assert.deepEqual(await start({ once: true }).ended, { kind: 'done' });
  await arrived(['1', '2', '3']);
  assert.deepEqual(await start({ once: true }).ended, { kind: 'done' });
  await arrived(['1', '2', '3']);
});

test('following: --once without a file fails and says so', async (t) => {
  const { start } = await scene(t);
  const agent = start({ once: true });
  assert.equal((await agent.ended).kind, 'failed');
  assert.match((await agent.reported('source-unusable')).message, /no file of .*a\.log can be read/);
});
