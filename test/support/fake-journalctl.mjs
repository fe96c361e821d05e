#!/usr/bin/env node
// A journalctl for tests: reads entries from the file FAKE_JOURNAL (a line of JSON each, read anew while it follows),
// writes down how it was called in FAKE_JOURNAL.calls, and ends with an error while FAKE_JOURNAL.broken is there. As the
// real one (systemd 250 and later), with --follow it shows the newest boot alone, and the last ten entries without --no-tail.
// What FAKE_JOURNAL.hint holds it says unless it is told to be --quiet.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const journal = process.env.FAKE_JOURNAL ?? '';
const args = process.argv.slice(2);
appendFileSync(`${journal}.calls`, `${args.join(' ')}\n`);
if (existsSync(`${journal}.broken`)) {
  process.stderr.write('Failed to open the journal\n');
  process.exit(1);
}
const cursorOf = (line) => JSON.parse(line).__CURSOR;
const bootOf = (line) => JSON.parse(line)._BOOT_ID;
const isFollowing = args.includes('--follow');
const read = () => {
  const lines = readFileSync(journal, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const [last] = lines.slice(-1);
  return isFollowing ? lines.filter((line) => bootOf(line) === bootOf(last)) : lines;
};
if (existsSync(`${journal}.hint`) && !args.includes('--quiet')) process.stderr.write(readFileSync(`${journal}.hint`));
const after = args.find((arg) => arg.startsWith('--after-cursor='))?.slice('--after-cursor='.length);
let next = 0;
if (after !== undefined) {
  next = read().findIndex((line) => cursorOf(line) === after) + 1;
  if (next === 0 && !readFileSync(journal, 'utf8').includes(`"${after}"`)) {
    process.stderr.write('Failed to seek to cursor: Invalid argument\n');
    process.exit(1);
  }
} else if (isFollowing && !args.includes('--no-tail')) next = Math.max(0, read().length - 10);
else if (args.includes('--lines=1')) next = Math.max(0, read().length - 1);
const print = () => {
  const lines = read();
  for (; next < lines.length; next++) process.stdout.write(`${lines[next]}\n`);
};
print();
if (isFollowing) {
  setInterval(() => {
    print();
    if (existsSync(`${journal}.end`)) process.exit(0);
  }, 10);
}
