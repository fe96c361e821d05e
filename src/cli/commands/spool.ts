/** `logd spool`: what waits in an agent's state folder, whether it is whole, and mending it. */
import { Command } from 'commander';
import { listState, showBatch, verifyState } from '../../agent/spool-look.ts';
import { type RepairStep, repairState } from '../../agent/spool-repair.ts';
import { realClock } from '../../system/clock.ts';
import { realFiles } from '../../system/files.ts';
import type { Reporter } from '../../system/reporter.ts';
import { CommandError, EXIT_FAILURE, EXIT_USAGE, signalExitCode, stopSignal } from '../exit.ts';
import { option } from '../options.ts';
import { createLineWriter } from '../output/line-writer.ts';
import {
  batchJson,
  batchLine,
  counted,
  lookOrFail,
  noState,
  printSpoolStatus,
  readingState,
} from '../output/spool-text.ts';

interface Flags {
  readonly state: string;
  readonly json?: boolean;
  readonly resend?: boolean;
}

const ACTS = ['status', 'list', 'verify', 'repair', 'show'] as const;
type Act = (typeof ACTS)[number];

const EXAMPLES = `
Examples:
  logd spool                                   what waits, what was refused and why, whether an agent runs
  logd spool status --json | jq .waiting.lines
  logd spool list                              a line per batch
  logd spool show 42 | jq -r .message          the lines of a batch
  logd spool verify                            reads every file; ends with 1 when one is damaged
  logd spool repair                            sets damaged batches aside (with the agent stopped)
  logd spool repair --resend                   and sends again what the server refused`;

export function spoolCommand(_reporter: Reporter): Command {
  return new Command('spool')
    .description('what an agent keeps until the server has it: shows, verifies and mends it')
    .argument('[act]', `${ACTS.join(', ')} (default: status)`)
    .argument('[sequence]', 'of the batch to show')
    .addOption(option('--state <folder>', 'state folder of the agent').default('./logd-agent'))
    .addOption(option('--json', 'for scripts: an object (status), an object per line (list, verify, repair)'))
    .addOption(option('--resend', 'repair: puts refused batches back under new numbers'))
    .addHelpText('after', EXAMPLES)
    .action((act: string | undefined, sequence: string | undefined, flags: Flags) => spool(act, sequence, flags));
}

async function spool(given = 'status', sequence: string | undefined, flags: Flags): Promise<void> {
  const act = parseAct(given);
  if (act !== 'show' && sequence !== undefined) {
    throw new CommandError(`logd spool ${act} takes no "${sequence}"`, EXIT_USAGE);
  }
  if (flags.resend && act !== 'repair') {
    throw new CommandError('--resend goes with repair: logd spool repair --resend', EXIT_USAGE);
  }
  switch (act) {
    case 'status':
      return printSpoolStatus(flags.state, { json: flags.json === true });
    case 'list':
      return list(flags);
    case 'verify':
      return readingState(flags.state, () => verify(flags));
    case 'repair':
      return readingState(flags.state, () => repair(flags));
    case 'show':
      return readingState(flags.state, () => show(parseSequence(sequence), flags));
    default:
      act satisfies never;
  }
}

function parseAct(given: string): Act {
  const act = ACTS.find((candidate) => candidate === given);
  if (act) return act;
  const near = ACTS.find((candidate) => candidate.startsWith(given.slice(0, 2)));
  const hint = near ? `did you mean logd spool ${near}?` : `use ${ACTS.join(', ')}`;
  throw new CommandError(`logd spool knows no "${given}": ${hint}`, EXIT_USAGE);
}

function parseSequence(text: string | undefined): number {
  if (text === undefined || !/^\d{1,16}$/.test(text) || !Number.isSafeInteger(Number(text))) {
    const what = text === undefined ? 'say which batch' : `"${text}" is no number of a batch`;
    throw new CommandError(`${what}: logd spool show 42; logd spool list has the numbers`, EXIT_USAGE);
  }
  return Number(text);
}

async function list(flags: Flags): Promise<void> {
  const { batches } = await lookOrFail(flags.state);
  const writer = createLineWriter(process.stdout);
  for (const batch of batches) {
    if (writer.gone.aborted) break;
    await writer.write(flags.json ? `${JSON.stringify(batchJson(batch))}\n` : batchLine(batch));
  }
  failOnUnwritten(writer);
}

async function verify({ state, json }: Flags): Promise<void> {
  const stop = stopSignal('SIGINT', 'SIGTERM');
  if (!(await listState(state, realFiles))) throw noState(state);
  const counts = { files: 0, lines: 0, bytes: 0, torn: 0, damaged: 0 };
  for await (const file of verifyState(state, realFiles)) {
    if (stop.aborted) {
      process.exitCode = signalExitCode(stop.reason as NodeJS.Signals);
      return;
    }
    if (file.kind === 'torn') counts.torn++;
    else counts.files++;
    if (file.kind === 'whole') {
      counts.lines += file.lines;
      counts.bytes += file.bytes;
    } else if (file.kind === 'damaged') {
      counts.damaged++;
      const { path, reason } = file;
      process.stdout.write(json ? `${JSON.stringify({ damaged: path, reason })}\n` : `damaged: ${path}: ${reason}\n`);
    }
  }
  const torn = counts.torn === 0 ? '' : `; ${counts.torn} set aside before as *.torn`;
  process.stdout.write(
    json
      ? `${JSON.stringify(counts)}\n`
      : `${counted(counts.files, 'file')} read with ${counted(counts.lines, 'line')}: ${counts.damaged === 0 ? 'all whole' : `${counts.damaged} damaged`}${torn}\n`,
  );
  if (counts.damaged > 0) {
    throw new CommandError(
      `${counted(counts.damaged, 'file')} in ${state} ${counts.damaged === 1 ? 'is' : 'are'} damaged: logd spool repair sets damaged batches aside, as the agent does when it comes to them`,
    );
  }
}

async function repair({ state, json, resend }: Flags): Promise<void> {
  if (!(await listState(state, realFiles))) throw noState(state);
  const result = await repairState({ folder: state, resends: resend === true }, { files: realFiles, clock: realClock });
  if (!result.ok) throw new CommandError(result.reason, EXIT_FAILURE);
  for (const step of result.steps) process.stdout.write(json ? `${JSON.stringify(step)}\n` : `${stepText(step)}\n`);
  if (json) return;
  if (result.steps.length === 0) process.stdout.write('nothing to mend\n');
  if (result.refusedLeft === 0) return;
  const way = resend
    ? 'start logd ship once, then they can be sent again'
    : 'logd spool repair --resend sends them again, when what the server had against them is mended';
  process.stdout.write(`${counted(result.refusedLeft, 'refused batch')} kept: ${way}\n`);
}

function stepText(step: RepairStep): string {
  switch (step.kind) {
    case 'removed':
      return `removed ${step.path}, left by a crash`;
    case 'set-aside':
      return `set aside ${step.path}: ${step.reason}`;
    case 'resent':
      return `refused batch ${step.from} of ${counted(step.lines, 'line')} waits again as batch ${step.to}`;
    default:
      step satisfies never;
      throw new Error('BUG: a step of unknown kind');
  }
}

async function show(sequence: number, { state }: Flags): Promise<void> {
  if (!(await listState(state, realFiles))) throw noState(state);
  const shown = await showBatch(state, sequence);
  switch (shown.kind) {
    case 'missing':
      throw new CommandError(
        `there is no batch ${sequence} in ${state}: it was sent, or never was; see logd spool list`,
      );
    case 'damaged':
      throw new CommandError(`batch ${sequence} in ${state} is damaged: ${shown.reason}`);
    case 'shown': {
      const writer = createLineWriter(process.stdout);
      await writer.write(shown.lines.replace(/[\x7f-\x9f]/g, escapeInJson));
      return failOnUnwritten(writer);
    }
    default:
      shown satisfies never;
  }
}

/** What JSON leaves as it is and a terminal would obey; in a text of JSON the same. */
function escapeInJson(char: string): string {
  return `\\u00${char.charCodeAt(0).toString(16)}`;
}

function failOnUnwritten(writer: ReturnType<typeof createLineWriter>): void {
  const failure = writer.failure();
  if (failure) throw new CommandError(`cannot write the output: ${failure.message}`, undefined, { cause: failure });
}
