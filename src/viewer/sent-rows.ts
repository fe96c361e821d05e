/**
 * Cuts a batch of the stream into its entries without reading them: in a flood most leave the list before anybody looks.
 * Made for the form in which logd itself writes them (entryToJson); whatever looks otherwise is left to JSON.parse.
 */
import type { EntryJson } from '../entry/entry.ts';
import { ID_LENGTH } from '../entry/id.ts';
import { LEVELS, type Level } from '../entry/level.ts';
import type { Match } from '../entry/query/match.ts';
import { type EntryRow, entryRow, type SentJson, type SentPlace, SentRow } from './row.ts';

export interface SentEntry {
  readonly row: EntryRow;
  readonly clientId: string;
}

const BEGIN = Buffer.from('[{"uuid":"');
/** No text within an entry can look so: its quotes are escaped, and fields are flat. */
const BETWEEN = Buffer.from('},{"uuid":"');
const END = Buffer.from('}]');
/** Nobody has touched it. */
const PLAIN_END = Buffer.from('"is_pinned":false,"is_ticket":false,"is_deleted":false}');
const ID_AT = '{"uuid":"'.length;
const TIME_STR = Buffer.from('","timestamp_str":"');
const TIME_STR_AT = ID_AT + ID_LENGTH;
const TIME = Buffer.from('","timestamp":"');
const TIME_AT = TIME_STR_AT + TIME_STR.length + 'YYYY-MM-DD HH:MM:SS,mmm'.length;
const LEVEL = Buffer.from('","log_level":"');
const LEVEL_AT = TIME_AT + TIME.length + 'YYYY-MM-DDTHH:MM:SS.mmmZ'.length;
const LEVEL_FROM = LEVEL_AT + LEVEL.length;
const CLIENT = '","client_id":"';
/** What follows the level, for each of them. */
const LEVEL_FORMS = LEVELS.map((level) => ({ level, form: Buffer.from(`${level}${CLIENT}`) }));
const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/**
 * @param json the array of a batch
 * @param passed the filter that the server has sent them through
 * @returns undefined when it does not look as expected
 */
export function cutSentEntries(json: Buffer, passed: Match | undefined): SentEntry[] | undefined {
  const isArray = stands(json, 0, BEGIN) && stands(json, json.length - END.length, END);
  if (!isArray) return undefined;
  const sent: SentJson = {
    passed,
    text: (from, to) => json.toString('utf8', from, to),
    id: (from) => json.toString('latin1', from + ID_AT, from + TIME_STR_AT),
  };
  const entries: SentEntry[] = [];
  for (let from = 1; ; ) {
    const next = json.indexOf(BETWEEN, from);
    const place = { json: sent, from, to: next === -1 ? json.length - 1 : next + 1 };
    entries.push(cutOne(json, place) ?? read(place));
    if (next === -1) return entries;
    from = next + 2;
  }
}

function cutOne(json: Buffer, place: SentPlace): SentEntry | undefined {
  const { from, to } = place;
  const isKnownForm =
    stands(json, to - PLAIN_END.length, PLAIN_END) &&
    stands(json, from + TIME_STR_AT, TIME_STR) &&
    stands(json, from + TIME_AT, TIME) &&
    stands(json, from + LEVEL_AT, LEVEL);
  if (!isKnownForm) return undefined;
  const found = levelAt(json, from + LEVEL_FROM);
  if (!found) return undefined;
  const clientId = clientAt(json, found.end);
  return clientId === undefined ? undefined : { row: new SentRow(place, found.level), clientId };
}

function levelAt(json: Buffer, at: number): { readonly level: Level; readonly end: number } | undefined {
  for (const { level, form } of LEVEL_FORMS) if (stands(json, at, form)) return { level, end: at + form.length };
  return undefined;
}

/** Names come again and again: those seen last, by a hash of their bytes. */
const names: ({ readonly bytes: Buffer; readonly name: string } | undefined)[] = [];
const NAMES_MASK = 0xff;

/** Undefined for one with an escape, which may end later than it seems. */
function clientAt(json: Buffer, from: number): string | undefined {
  let end = from;
  let hash = 0;
  for (; json[end] !== QUOTE; end++) {
    if (json[end] === BACKSLASH) return undefined;
    hash = (hash * 31 + (json[end] ?? 0)) | 0;
  }
  const known = names[hash & NAMES_MASK];
  if (known && known.bytes.length === end - from && stands(json, from, known.bytes)) return known.name;
  const bytes = Buffer.from(json.subarray(from, end));
  const name = bytes.toString();
  names[hash & NAMES_MASK] = { bytes, name };
  return name;
}

function stands(json: Buffer, at: number, form: Buffer): boolean {
  if (at < 0 || at + form.length > json.length) return false;
  for (let index = 0; index < form.length; index++) if (json[at + index] !== form[index]) return false;
  return true;
}

function read({ json, from, to }: SentPlace): SentEntry {
  const entry = JSON.parse(json.text(from, to)) as EntryJson;
  return { row: entryRow(entry), clientId: entry.client_id };
}
