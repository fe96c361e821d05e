/**
 * The level of a line of text that somebody else's program wrote. What says it best counts: first the line's structure
 * (a syslog priority, a JSON field, `level=`), then a marker (`[error]`, `WARN`, `Error:`, the first word after the
 * time), then the gravest of the words in its prose. A word counts when it stands alone: neither part of a name
 * (`error_log=`, `/var/log/error.log`, `error-free`) nor denied (`0 errors`, `no error`, `errors=0`).
 *
 * A line without any sign has no level here. Its reader decides: `syslog` takes INFO, as syslog's own default is a notice
 * of a user process (RFC 3164 §4.3.3); `file` and `stdin` take UNKNOWN, because it is.
 */
import { type Level, levelFromWord, levelRank } from '../entry/level.ts';

/** @param from where the text begins, for a line whose head has been read already */
export function levelOfLine(line: string, from = 0): Level | undefined {
  const first = line.charCodeAt(from);
  if (first === LESS_THAN) {
    const priority = /^<(\d{1,3})>/.exec(line.slice(from, from + 5))?.[1];
    if (priority !== undefined && Number(priority) <= PRIORITY_MAX) return levelOfSeverity(Number(priority) & 7);
  }
  if (first === OPEN_BRACE && line.endsWith('}')) {
    const object = parseObject(from === 0 ? line : line.slice(from));
    if (object) return levelOfObject(object);
  }
  return levelBehindTime(line, from) ?? levelOfText(line, from);
}

/** A name in capitals directly behind the time at the beginning, `2026-11-23 03:10:11,123 [WARN] …`, is structure too. */
const BEHIND_TIME =
  /\[?\d[\d:.,TZ/+ -]{15,34}\]?[ \t]+[[(]?(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|ALERT)(?=[\s\]):|])/y;

function levelBehindTime(line: string, from: number): Level | undefined {
  BEHIND_TIME.lastIndex = from;
  const name = BEHIND_TIME.exec(line)?.[1];
  return name === undefined ? undefined : levelFromWord(name);
}

/** RFC 5424 §6.2.1: 0 emergency … 7 debug. */
export function levelOfSeverity(severity: number): Level {
  return SEVERITIES[severity] ?? 'UNKNOWN';
}

const SEVERITIES: readonly Level[] = ['CRITICAL', 'CRITICAL', 'CRITICAL', 'ERROR', 'WARNING', 'INFO', 'INFO', 'DEBUG'];
const PRIORITY_MAX = 191;
const LESS_THAN = 0x3c;
const OPEN_BRACE = 0x7b;

/** Keys under which a structured line tells its level, in the order of trust. */
const LEVEL_KEYS = ['level', 'severity', 'severity_text', 'log.level', 'severityText', 'lvl', 'loglevel', 'log_level'];
const MESSAGE_KEYS = ['message', 'msg', 'text', 'log', 'event'];

function levelOfObject(object: Readonly<Record<string, unknown>>): Level | undefined {
  for (const key of LEVEL_KEYS) {
    if (!Object.hasOwn(object, key)) continue;
    const level = levelOfValue(object[key]);
    if (level) return level;
  }
  const { log } = object;
  if (typeof log === 'object' && log !== null && 'level' in log) {
    const level = levelOfValue(log.level);
    if (level) return level;
  }
  for (const key of MESSAGE_KEYS) {
    const text = object[key];
    if (typeof text === 'string') return levelOfText(text, 0);
  }
  return undefined;
}

/** A name, syslog's numbers 0-7, or pino's and bunyan's 10-60. */
function levelOfValue(value: unknown): Level | undefined {
  if (typeof value === 'string') {
    return /^\d{1,2}$/.test(value) ? levelOfNumber(Number(value)) : levelFromName(value);
  }
  return typeof value === 'number' ? levelOfNumber(value) : undefined;
}

function levelOfNumber(value: number): Level | undefined {
  if (value >= 0 && value <= 7) return levelOfSeverity(Math.floor(value));
  if (value < 10 || value > 69) return undefined;
  if (value < 30) return 'DEBUG';
  if (value < 40) return 'INFO';
  if (value < 50) return 'WARNING';
  return value < 60 ? 'ERROR' : 'CRITICAL';
}

function levelFromName(name: string): Level | undefined {
  const level = levelFromWord(name) ?? MARKER_NAMES[name.toLowerCase()];
  return level === 'UNKNOWN' ? undefined : level;
}

/** Words that name a level only where a level is expected. */
const MARKER_NAMES: Readonly<Record<string, Level>> = { severe: 'ERROR', note: 'INFO', dbg: 'DEBUG', wrn: 'WARNING' };

/** Words that are looked at, in lower case, with the level they stand for. */
const WORDS: ReadonlyMap<string, Level | 'level-key'> = new Map<string, Level | 'level-key'>([
  ...(['trace', 'verbose', 'debug', 'info', 'information', 'informational', 'notice', 'warning', 'warn'] as const).map(
    wordAndLevel,
  ),
  ...(['error', 'err', 'failure', 'critical', 'crit', 'fatal', 'alert', 'emerg', 'emergency', 'panic'] as const).map(
    wordAndLevel,
  ),
  ['warnings', 'WARNING'],
  ['errors', 'ERROR'],
  ['failures', 'ERROR'],
  ['severe', 'ERROR'],
  ['level', 'level-key'],
  ['severity', 'level-key'],
  ['lvl', 'level-key'],
  ['loglevel', 'level-key'],
]);

/** In lower case: a line without any of them, in any case, says its level by its structure or not at all. */
export const LEVEL_WORDS: readonly string[] = [...WORDS.keys()];

function wordAndLevel(word: string): [string, Level] {
  return [word, levelFromWord(word) ?? 'UNKNOWN'];
}

/** Any of the words, with no letter on either side. One pass of it over a line without a sign costs a tenth of a microsecond. */
const ANY_WORD = new RegExp(`(?<![a-z])(?:${[...WORDS.keys()].sort().reverse().join('|')})(?![a-z])`, 'gi');

function levelOfText(line: string, from: number): Level | undefined {
  let marker: Level | undefined;
  let gravest: Level | undefined;
  ANY_WORD.lastIndex = from;
  for (let match = ANY_WORD.exec(line); match !== null; match = ANY_WORD.exec(line)) {
    const word = match[0];
    const start = match.index;
    const end = start + word.length;
    const folded = word.toLowerCase();
    const named = WORDS.get(folded);
    if (named === undefined) continue;
    if (named === 'level-key') {
      const told = valueBehindKey(line, end);
      if (told) return told;
      continue;
    }
    const told = severityOfFacility(line, start, named);
    if (told) return told;
    if (!isWhole(line, start, end) || isDenied(line, start, end, named)) continue;
    if (isMarker(line, from, start, word)) marker ??= named;
    else if (folded !== 'severe' && isGraver(named, gravest)) gravest = named;
  }
  return marker ?? levelOfGlog(line, from) ?? gravest;
}

function isGraver(level: Level, than: Level | undefined): boolean {
  return than === undefined || levelRank(level) > levelRank(than);
}

/** `level=warn`, `"severity": "ERROR"`, `lvl=eror`: what stands behind a key. */
function valueBehindKey(line: string, end: number): Level | undefined {
  const sign = line.charAt(end) === '"' || line.charAt(end) === "'" ? end + 1 : end;
  const separator = line.charAt(sign);
  if (separator !== '=' && separator !== ':') return undefined;
  const value = /^[=:]\s*["'[]?([A-Za-z]+|\d{1,2}(?!\d))/.exec(line.slice(sign, sign + 24))?.[1];
  if (value === undefined) return undefined;
  // A bare number names a level only in the steps of pino; `level=3` may be anything.
  return /^\d/.test(value) ? (Number(value) >= 10 ? levelOfNumber(Number(value)) : undefined) : levelFromName(value);
}

/** `daemon.err`, as some syslog daemons write the priority. */
function severityOfFacility(line: string, start: number, level: Level): Level | undefined {
  if (line.charAt(start - 1) !== '.') return undefined;
  return FACILITY_BEFORE.test(line.slice(Math.max(0, start - 10), start)) ? level : undefined;
}

const FACILITY_BEFORE = /(?:^|\s)(?:kern|user|mail|daemon|auth|authpriv|syslog|lpr|news|uucp|cron|ftp|local[0-7])\.$/;

/** Not a piece of a longer name: of a path, a file, an address, an option, a compound. */
function isWhole(line: string, start: number, end: number): boolean {
  const before = line.charCodeAt(start - 1);
  if (isWordUnit(before) || before === AT || before === DOLLAR || before === PERCENT) return false;
  if (before === SLASH || before === BACKSLASH || before === QUESTION || before === AMPERSAND) return false;
  if (before === DOT && isWordUnit(line.charCodeAt(start - 2))) return false;
  if (before === DASH && (isWordUnit(line.charCodeAt(start - 2)) || line.charCodeAt(start - 2) === DASH)) return false;
  const behind = line.charCodeAt(end);
  if (isWordUnit(behind) || behind === AT) return false;
  const joins = behind === DOT || behind === SLASH || behind === BACKSLASH || behind === DASH;
  return !(joins && isWordUnit(line.charCodeAt(end + 1)));
}

/** `0 errors`, `no fatal error`, `errors=0`, `error: none`; and `debug=…`, an option. */
function isDenied(line: string, start: number, end: number, level: Level): boolean {
  if (DENIED_BEFORE.test(line.slice(Math.max(0, start - 40), start))) return true;
  if (levelRank(level) < WARNING_RANK) return line.charAt(end) === '=';
  return DENIED_BEHIND.test(line.slice(end, end + 24));
}

const WARNING_RANK = levelRank('WARNING');

const DENIED_BEFORE =
  /(?:^|[^\w.,])(?:no|not?\s+an?|0|zero|without(?:\s+an?y?)?|free\s+of|non|ignor(?:e|ed|ing)|never)[\s-]+(?:(?:known|further|more|new|other|fatal|serious|severe|critical|such|any|warnings?|errors?|failures?|or|and|real|actual)[\s,]+)*$/i;
const DENIED_BEHIND =
  /^(?:\(s\)|["'])?(?:\s*(?:code|count|number|status|rate)s?)?\s*(?:[=:]\s*)?["']?(?:0+(?:x0+)?(?![\dx.]\d*[1-9a-f])(?!\w)|(?<=[=:]\s*["']?)(?:none|null|nil|no|false|off|ok|success|undefined)\b|(?<=[=:]\s*)(?:""|''|\[\]|\{\}|-(?!\w)))/i;

/** Set off as a level is: in capitals, in brackets, before a colon, or first behind the time. */
function isMarker(line: string, from: number, start: number, word: string): boolean {
  if (word === word.toUpperCase()) return true;
  const end = start + word.length;
  let behind = end;
  while (line.charCodeAt(behind) === BLANK) behind++;
  const closes = line.charAt(behind);
  if (closes === ':') return behind === end && !isWordUnit(line.charCodeAt(end + 1));
  let before = start - 1;
  while (line.charCodeAt(before) === BLANK) before--;
  const opens = line.charAt(before);
  if (closes !== '' && ']>)|'.includes(closes) && opens !== '' && '[<(|:'.includes(opens)) return true;
  return behind > end && start - from <= TIME_LENGTH_MAX && ONLY_TIME.test(line.slice(from, start));
}

const TIME_LENGTH_MAX = 48;
/** Digits, signs, and the letters of dates and times. */
const ONLY_TIME =
  /^[^a-z]*(?:(?:t|z|utc|gmt|[ap]m|ces?t|[ecmp][sd]t|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:[^a-z]+|$))*$/i;

/** The head that glog and klog write: `E0102 15:04:05.000000`. */
function levelOfGlog(line: string, from: number): Level | undefined {
  const letter = line.charAt(from);
  if (letter === '' || !'IWEF'.includes(letter)) return undefined;
  if (!/^[IWEF]\d{4} \d\d:\d\d:\d\d\./.test(line.slice(from, from + 15))) return undefined;
  return letter === 'I' ? 'INFO' : letter === 'W' ? 'WARNING' : letter === 'E' ? 'ERROR' : 'CRITICAL';
}

const BLANK = 0x20;
const DOLLAR = 0x24;
const PERCENT = 0x25;
const AMPERSAND = 0x26;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const QUESTION = 0x3f;
const AT = 0x40;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;

/** Letters of other alphabets too: they make words with ours. */
function isWordUnit(unit: number): boolean {
  const lower = unit | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === UNDERSCORE || unit > 0xbf;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    // Looks like JSON and is none: read as text.
    return undefined;
  }
}
