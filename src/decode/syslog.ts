/**
 * One syslog message or one line of a syslog file: RFC 5424, RFC 3164 as it is really written, and the lines with an ISO
 * time that rsyslog writes to files; with or without a priority. Never refuses: what cannot be read is message.
 */
import type { Fields } from '../entry/entry.ts';
import { parseEventTime } from '../entry/time.ts';
import { bsdTimeMs } from './bsd-time.ts';

export interface SyslogMessage {
  /** facility × 8 + severity, 0-191. */
  readonly priority?: number | undefined;
  /** ms since the epoch. */
  readonly timeMs?: number | undefined;
  readonly hostname?: string | undefined;
  readonly program?: string | undefined;
  readonly pid?: string | undefined;
  readonly msgid?: string | undefined;
  /** `[id name="value"]` as `id.name`. */
  readonly structuredData?: Fields | undefined;
  /** Where the message itself begins in the line. */
  readonly messageAt: number;
}

/** @param nowMs decides the year of a time that has none: the nearest */
export function parseSyslog(line: string, nowMs: number): SyslogMessage {
  const { priority, at } = readPriority(line);
  if (line.startsWith('1 ', at)) {
    const message = readRfc5424(line, at + 2, priority);
    if (message) return message;
  }
  const stamp = readStamp(line, at, nowMs);
  if (!stamp) {
    // Without a time there is no host either: a tag may stand first (`<13>app: text`), as local programs write it.
    const tag = priority === undefined ? undefined : readTag(line, at);
    return { priority, ...tag, messageAt: tag?.messageAt ?? at };
  }
  const host = readHostname(line, stamp.end);
  const tag = readTag(line, host?.end ?? stamp.end);
  return {
    priority,
    timeMs: stamp.timeMs,
    hostname: host?.name,
    ...tag,
    messageAt: tag?.messageAt ?? host?.end ?? stamp.end,
  };
}

function readPriority(line: string): { priority: number | undefined; at: number } {
  if (line.charCodeAt(0) !== 0x3c) return { priority: undefined, at: 0 };
  const [matched, digits] = /^<(\d{1,3})>/.exec(line.slice(0, 5)) ?? [];
  if (matched === undefined || Number(digits) > 191) return { priority: undefined, at: 0 };
  return { priority: Number(digits), at: matched.length };
}

const RFC5424_HEAD = /(?:-|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?) (\S+) (\S+) (\S+) (\S+) /y;

/** RFC 5424 §6; undefined when the line is not of that form. Structured data that is broken counts as message. */
function readRfc5424(line: string, from: number, priority: number | undefined): SyslogMessage | undefined {
  RFC5424_HEAD.lastIndex = from;
  const [matched, local, zone, hostname, program, pid, msgid] = RFC5424_HEAD.exec(line) ?? [];
  if (matched === undefined) return undefined;
  const timeMs = local === undefined ? undefined : isoTimeMs(local, zone);
  if (local !== undefined && timeMs === undefined) return undefined;
  const data = readStructuredData(line, from + matched.length);
  let messageAt = data.end;
  if (line.charAt(messageAt) === ' ') messageAt++;
  if (line.charAt(messageAt) === '\ufeff') messageAt++;
  return {
    priority,
    timeMs,
    hostname: unlessNil(hostname),
    program: unlessNil(program),
    pid: unlessNil(pid),
    msgid: unlessNil(msgid),
    structuredData: data.fields,
    messageAt,
  };
}

function unlessNil(value: string | undefined): string | undefined {
  return value === '-' ? undefined : value;
}

const ELEMENT = /\[([^\s=\]"]{1,64})((?: [^\s=\]"]{1,64}="(?:[^"\\\]]|\\.)*")*)\]/y;
const PARAMETER = / ([^\s=\]"]+)="((?:[^"\\\]]|\\.)*)"/g;

/** @returns `end` = `from` when there is none or it is broken */
function readStructuredData(line: string, from: number): { fields: Fields | undefined; end: number } {
  if (line.charAt(from) === '-') return { fields: undefined, end: from + 1 };
  const fields = new Map<string, string>();
  let end = from;
  ELEMENT.lastIndex = from;
  for (let element = ELEMENT.exec(line); element !== null; element = ELEMENT.exec(line)) {
    const [, id = '', parameters = ''] = element;
    for (const [, name = '', value = ''] of parameters.matchAll(PARAMETER)) {
      fields.set(`${id}.${name}`, value.replace(/\\(["\\\]])/g, '$1'));
    }
    end = ELEMENT.lastIndex;
  }
  const isWhole = end === line.length || line.charAt(end) === ' ';
  if (!isWhole) return { fields: undefined, end: from };
  return { fields: fields.size === 0 ? undefined : Object.fromEntries(fields), end };
}

const ISO_STAMP = /(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?)(Z|[+-]\d\d:?\d\d)? ?/y;
const BSD_STAMP =
  /(?:(?:\d+: )?(?:[\w.-]+: )?[*. ]?)((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d:\d\d:\d\d)(?:[.,](\d+))?(?: (\d{4})(?= ))?(?:(?: [A-Z]{3,4})?:)? ?/iy;

function readStamp(line: string, from: number, nowMs: number): { timeMs: number | undefined; end: number } | undefined {
  ISO_STAMP.lastIndex = from;
  const [iso, local = '', zone] = ISO_STAMP.exec(line) ?? [];
  if (iso !== undefined) {
    const timeMs = isoTimeMs(local, zone);
    return timeMs === undefined ? undefined : { timeMs, end: from + iso.length };
  }
  BSD_STAMP.lastIndex = from;
  const [bsd, month = '', day = '', yearBefore, clock = '', fraction = '', yearBehind] = BSD_STAMP.exec(line) ?? [];
  if (bsd === undefined) return undefined;
  const timeMs = bsdTimeMs({ month, day, year: yearBefore ?? yearBehind, clock, fraction }, nowMs);
  return timeMs === undefined ? undefined : { timeMs, end: from + bsd.length };
}

/** Without a zone a time is that of the machine's own. Cut to the millisecond. */
function isoTimeMs(local: string, zone: string | undefined): number | undefined {
  const text = `${local.slice(0, 10)}T${local.slice(11, 23).replace(',', '.')}`;
  if (zone === undefined) {
    const timeMs = Date.parse(text);
    return Number.isNaN(timeMs) ? undefined : timeMs;
  }
  const parsed = parseEventTime(text + zone);
  return parsed.ok ? parsed.timeMs : undefined;
}

/** AIX puts words before the name. */
const HOSTNAME =
  /(?:Message forwarded from ([\w.-]+):|([^\s:[\]%]+|[\da-fA-F.]*:[\da-fA-F:.]+|\[[\da-fA-F:.]+\]))(?: +|$)/y;

function readHostname(line: string, from: number): { name: string; end: number } | undefined {
  HOSTNAME.lastIndex = from;
  const [matched, forwarder, name = forwarder] = HOSTNAME.exec(line) ?? [];
  return matched === undefined || name === undefined ? undefined : { name, end: from + matched.length };
}

const TAG = /([^\s:[\]]{1,128})(?:\[([^\]\s]{0,64})\])?:(?: |$)|([^\s:[\]]{1,128})\[([^\]\s]{0,64})\] /y;

function readTag(
  line: string,
  from: number,
): { program: string; pid: string | undefined; messageAt: number } | undefined {
  TAG.lastIndex = from;
  const match = TAG.exec(line);
  if (!match) return undefined;
  const program = match[1] ?? match[3] ?? '';
  return { program, pid: match[2] ?? match[4], messageAt: from + match[0].length };
}
