/**
 * A process that stores as fast as it can and says what was answered, for a test that kills it at any moment.
 *
 *   node store-writer.ts FOLDER START      lines: "ready", then "<kind> <number> <count> <first id> <last id>"
 */
import { openFileStore } from '../../src/store/file/file-store.ts';
import { batchOf } from './drafts.ts';

const [folder = '', start = '0'] = process.argv.slice(2);
const store = await openFileStore({
  folder,
  listener: { onCommit() {}, onState() {} },
  reporter: ({ message }) => process.stderr.write(`${message}\n`),
  fsync: 'group',
  segmentBytes: 64 * 1024,
});
process.stdout.write('ready\n');

let number = Number(start);
await Promise.all([write('single', 1), write('single', 1), write('single', 1), write('batch', 50), produce()]);

async function write(kind: string, count: number): Promise<never> {
  for (;;) {
    const mine = number++;
    const answer = await store.append(batchOf(messagesOf(mine, count), Date.now()));
    if (answer.kind === 'stored') say(kind, mine, count, answer);
  }
}

/** Like an agent: sequence is number, and what was open before it was killed is not known here. */
async function produce(): Promise<never> {
  for (;;) {
    const mine = number++;
    const origin = { producer: 'agent', sequence: mine, bodyHash: `${mine}` };
    const answer = await store.append(batchOf(messagesOf(mine, 20), Date.now()), origin);
    if (answer.kind === 'stored') say('agent', mine, 20, answer);
  }
}

function messagesOf(mine: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${mine}/${index}`);
}

function say(kind: string, mine: number, count: number, { firstId, lastId }: Ids): void {
  process.stdout.write(`${kind} ${mine} ${count} ${firstId} ${lastId}\n`);
}

interface Ids {
  readonly firstId?: string | undefined;
  readonly lastId?: string | undefined;
}
