/**
 * A line that was read → its entry: level, time and message, by the rules of its source.
 */
import { timeOfLine } from '../decode/event-time.ts';
import { levelOfLine, levelOfSeverity } from '../decode/level.ts';
import { parseSyslog } from '../decode/syslog.ts';
import type { WrittenEntry } from './chunk-writer.ts';

export type DescribeLine = (line: string, nowMs: number) => WrittenEntry;

/** `file` and `stdin`: the line as it is; without a time of its own, the time it was read. */
export const describeFileLine: DescribeLine = (line, nowMs) => ({
  level: levelOfLine(line) ?? 'UNKNOWN',
  timeMs: timeOfLine(line) ?? nowMs,
  message: line,
});

/** `syslog`: `Syslog | <line>`, the time in the line, the level by priority, else by the message behind the tag, else INFO. */
export const describeSyslogLine: DescribeLine = (line, nowMs) => {
  const { priority, timeMs, messageAt } = parseSyslog(line, nowMs);
  return {
    level: priority === undefined ? (levelOfLine(line, messageAt) ?? 'INFO') : levelOfSeverity(priority & 7),
    timeMs: timeMs ?? nowMs,
    message: `Syslog | ${line}`,
  };
};
