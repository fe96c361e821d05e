/**
 * A Windows event → its entry: the line that a person reads, and everything it says as fields.
 */
import type { WindowsEvent } from '../../decode/windows-event.ts';
import type { FieldValue } from '../../entry/entry.ts';
import { CUT_MARK } from '../../entry/limits.ts';
import { formatLogTime } from '../../entry/time.ts';
import type { WrittenEntry } from '../chunk-writer.ts';
import { cutText } from '../cut-text.ts';
import { DATA_FIELDS_MAX, DATA_LENGTH_MAX, DATA_NAME_LENGTH_MAX } from './limits.ts';

export interface EventEntry extends WrittenEntry {
  /** Something is missing of it. */
  readonly isCut: boolean;
}

/**
 * @param channel the log it was read from
 * @param nowMs the time of an event that says none
 */
export function describeEvent(
  event: WindowsEvent,
  { channel, nowMs, lineBytesMax }: { channel: string; nowMs: number; lineBytesMax: number },
): EventEntry {
  const timeMs = event.timeMs ?? nowMs;
  const parts = [
    'WinEventLog',
    `Log: ${event.channel ?? channel}`,
    `Time: ${formatLogTime(timeMs).slice(0, 19)}`,
    `Source: ${event.provider ?? 'unknown'}`,
    `EventID: ${event.eventId ?? 'unknown'}`,
    `Level: ${event.level}`,
    `Computer: ${event.computer ?? 'unknown'}`,
    `Message: ${event.message}`,
  ];
  const whole = parts.join(' | ').toWellFormed();
  const message = cutText(whole, lineBytesMax);
  const { fields, isCut } = fieldsOf(event, channel);
  return { level: event.level, timeMs, message, fields, isCut: isCut || message !== whole || event.isDamaged };
}

function fieldsOf(event: WindowsEvent, channel: string): { fields: Record<string, FieldValue>; isCut: boolean } {
  // A Map first, so that a name like __proto__ is a name like any other.
  const fields = new Map<string, FieldValue>();
  if (event.eventId !== undefined) fields.set('eventId', event.eventId);
  if (event.provider !== undefined) fields.set('provider', shortened(event.provider));
  if (event.recordId !== undefined) fields.set('recordId', numberOrText(event.recordId));
  fields.set('channel', event.channel ?? channel);
  if (event.computer !== undefined) fields.set('computer', shortened(event.computer));
  if (event.timeText !== undefined) fields.set('timeCreated', shortened(event.timeText));
  for (const { name, value } of event.attributes) if (name !== undefined) fields.set(name, shortened(value));
  const isCut = addData(fields, event);
  return { fields: Object.fromEntries(fields), isCut };
}

/** Adds the event's own values as `data.<name>`, without a name by their place; true: something had to be left out. */
function addData(fields: Map<string, FieldValue>, { data }: WindowsEvent): boolean {
  let roomLength = DATA_LENGTH_MAX;
  let leftOut = 0;
  let isCut = false;
  for (const [index, { name, value }] of data.entries()) {
    if (name === undefined && value === '') continue;
    const text = tidy(value);
    const length = JSON.stringify(text).length + DATA_NAME_LENGTH_MAX;
    if (roomLength <= DATA_NAME_LENGTH_MAX || index >= DATA_FIELDS_MAX) {
      leftOut++;
      continue;
    }
    const key = freeName(fields, `data.${tidy(name ?? String(index + 1)).slice(0, DATA_NAME_LENGTH_MAX)}`);
    const isWhole = length <= roomLength;
    // Escapes can take six units for one.
    fields.set(key, isWhole ? text : text.slice(0, Math.floor(roomLength / 6)).toWellFormed() + CUT_MARK);
    roomLength -= length;
    isCut ||= !isWhole;
  }
  if (leftOut > 0) fields.set('fieldsLeftOut', leftOut);
  return isCut || leftOut > 0;
}

/** Of several values under one name each is kept: `data.Name`, `data.Name.2`, … */
function freeName(fields: ReadonlyMap<string, FieldValue>, name: string): string {
  if (!fields.has(name)) return name;
  for (let number = 2; ; number++) {
    if (!fields.has(`${name}.${number}`)) return `${name}.${number}`;
  }
}

function numberOrText(recordId: bigint): number | string {
  return recordId <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(recordId) : String(recordId);
}

function tidy(value: string): string {
  return value.replace(/\r\n?/g, '\n').toWellFormed();
}

const ATTRIBUTE_LENGTH_MAX = 1_000;

function shortened(value: string): string {
  return tidy(value.length <= ATTRIBUTE_LENGTH_MAX ? value : value.slice(0, ATTRIBUTE_LENGTH_MAX) + CUT_MARK);
}
