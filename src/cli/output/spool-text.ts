/**
 * What waits in an agent's state folder, as text for people and as JSON for scripts.
 */
import { resolve } from 'node:path';
import { type FoundBatch, lookAtState, type StateLook } from '../../agent/spool-look.ts';
import { realFiles } from '../../system/files.ts';
import { CommandError } from '../exit.ts';

/** @throws CommandError when there is no state of an agent, or it cannot be read */
export async function lookOrFail(folder: string): Promise<StateLook> {
  const look = await readingState(folder, () => lookAtState(folder, realFiles));
  if (!look) throw noState(folder);
  return look;
}

/** What the system says about a folder, with the way out. */
export async function readingState<T>(folder: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`cannot use the state folder ${folder}: ${reason}`, undefined, { cause: error });
  }
}

export function noState(folder: string): CommandError {
  return new CommandError(`there is no state of an agent in ${folder}: name its folder with --state`);
}

export async function printSpoolStatus(folder: string, { json }: { json: boolean }): Promise<void> {
  const look = await lookOrFail(folder);
  const nowMs = Date.now();
  process.stdout.write(json ? `${JSON.stringify(statusJson(folder, look, nowMs))}\n` : statusText(folder, look, nowMs));
}

/** One line per batch. */
export function batchLine(batch: FoundBatch): string {
  const { sequence, state, lines, bytes, writtenMs, reason } = batch;
  const columns = [
    String(sequence).padStart(8),
    state.padEnd(8),
    (lines === undefined ? '? lines' : counted(lines, 'line')).padStart(12),
    sizeText(bytes).padStart(9),
    timeText(writtenMs),
  ];
  return `${columns.join('  ')}${reason === undefined ? '' : `  ${printable(reason)}`}\n`;
}

export function batchJson({ sequence, state, lines, bytes, writtenMs, reason }: FoundBatch) {
  return { sequence, state, lines: lines ?? null, bytes, time: timeText(writtenMs), reason: reason ?? null };
}

export function counted(count: number, word: string): string {
  const plural = word.endsWith('ch') ? `${word}es` : `${word}s`;
  return `${count} ${count === 1 ? word : plural}`;
}

function statusText(folder: string, look: StateLook, nowMs: number): string {
  const { producer, agentPid, dropped, damaged, leftovers } = look;
  const { waiting, refused, torn, damagedBatches } = sorted(look.batches);
  const oldest = waiting.batches[0];
  const rows: [string, string][] = [
    ['state folder', resolve(folder)],
    ['producer', producer ?? 'not known'],
    ['agent', agentPid === undefined ? 'none runs on it' : `process ${agentPid} runs on it`],
    [
      'waiting',
      waiting.batches.length === 0
        ? 'nothing'
        : `${totalText(waiting)}${oldest ? `, the oldest for ${ageText(nowMs - oldest.writtenMs)}` : ''}`,
    ],
    ['refused', refused.batches.length === 0 ? 'nothing' : totalText(refused)],
    ...reasonsOf(refused.batches).map(({ reason, batches, lines }): [string, string] => [
      '',
      `${counted(batches, 'batch')}, ${counted(lines, 'line')}: ${printable(reason)}`,
    ]),
  ];
  if (torn.batches.length > 0) rows.push(['torn', `${totalText(torn)}, set aside as *.torn`]);
  if (damagedBatches.batches.length > 0) rows.push(['damaged', `${totalText(damagedBatches)}: see logd spool verify`]);
  for (const path of damaged) rows.push(['damaged', path]);
  if (leftovers.length > 0) rows.push(['leftovers', `${counted(leftovers.length, 'half-written file')} of a crash`]);
  if (dropped.lines + dropped.notices > 0) {
    const rest = dropped.untold.lines === 0 ? 'all of it told to the server' : `${dropped.untold.lines} not told yet`;
    rows.push(['dropped', `${counted(dropped.lines, 'line')} since the folder was made, ${rest}`]);
  }
  const way =
    refused.batches.length > 0
      ? '\nlogd spool repair --resend sends refused batches again (with the agent stopped)\n'
      : '';
  return `${rows.map(([name, text]) => `${name.padEnd(14)}${text}\n`).join('')}${way}`;
}

function statusJson(folder: string, look: StateLook, nowMs: number) {
  const { producer, agentPid, dropped, damaged, leftovers } = look;
  const { waiting, refused, torn, damagedBatches } = sorted(look.batches);
  const oldest = waiting.batches[0];
  return {
    state: resolve(folder),
    producer: producer ?? null,
    agent: { running: agentPid !== undefined, pid: agentPid ?? null },
    waiting: {
      ...totals(waiting),
      oldest: oldest
        ? {
            sequence: oldest.sequence,
            time: timeText(oldest.writtenMs),
            age_ms: Math.max(0, Math.round(nowMs - oldest.writtenMs)),
          }
        : null,
    },
    refused: { ...totals(refused), reasons: reasonsOf(refused.batches) },
    torn: totals(torn),
    damaged: { ...totals(damagedBatches), files: damaged },
    leftovers: leftovers.length,
    dropped: { lines: dropped.lines, batches: dropped.batches, untold_lines: dropped.untold.lines },
  };
}

interface Group {
  readonly batches: readonly FoundBatch[];
  readonly lines: number;
  readonly bytes: number;
}

function sorted(all: readonly FoundBatch[]) {
  const group = (wanted: FoundBatch['state']): Group => {
    const batches = all.filter(({ state }) => state === wanted);
    const lines = batches.reduce((sum, batch) => sum + (batch.lines ?? 0), 0);
    return { batches, lines, bytes: batches.reduce((sum, { bytes }) => sum + bytes, 0) };
  };
  return {
    waiting: group('waiting'),
    refused: group('refused'),
    torn: group('torn'),
    damagedBatches: group('damaged'),
  };
}

function totals({ batches, lines, bytes }: Group) {
  return { batches: batches.length, lines, bytes };
}

function totalText({ batches, lines, bytes }: Group): string {
  return `${counted(batches.length, 'batch')}, ${counted(lines, 'line')}, ${sizeText(bytes)}`;
}

function reasonsOf(batches: readonly FoundBatch[]) {
  const byReason = Map.groupBy(batches, ({ reason }) => reason ?? 'put back by a repair that was cut off');
  return [...byReason].map(([reason, some]) => ({
    reason,
    batches: some.length,
    lines: some.reduce((sum, { lines }) => sum + (lines ?? 0), 0),
  }));
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

const AGE_UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

function ageText(ageMs: number): string {
  const unit = AGE_UNITS.find(([, ms]) => ageMs >= 2 * ms);
  return unit ? `${Math.floor(ageMs / unit[1])} ${unit[0]}` : `${Math.max(0, Math.floor(ageMs / 1_000))} s`;
}

const SIZE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < SIZE_UNITS.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${SIZE_UNITS[unit]}`;
}

/** A server's words on a terminal: without what a terminal would obey. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
