/**
 * The XML of one Windows event (as `wevtutil` prints it, with its texts or without) → what it says. The level comes from the
 * number, as the words are in the language of the machine; where the text of the message is not installed, the event's data
 * stands in its place.
 */
import type { Level } from '../entry/level.ts';
import { parseEventTime } from '../entry/time.ts';
import type { SplitEvent } from './event-splitter.ts';
import { parseXml, type XmlElement } from './xml.ts';

export interface WindowsEvent {
  /** Rises by one from event to event of a log; a few events have none. */
  readonly recordId: bigint | undefined;
  readonly channel: string | undefined;
  readonly computer: string | undefined;
  readonly provider: string | undefined;
  readonly eventId: number | undefined;
  /** As it was written, to 100 ns. */
  readonly timeText: string | undefined;
  readonly timeMs: number | undefined;
  readonly level: Level;
  /** Never empty. */
  readonly message: string;
  /** Whether the message is the provider's own text. */
  readonly hasText: boolean;
  /** Further attributes under the names they get as fields, in the order of the event; without those that are empty. */
  readonly attributes: readonly EventValue[];
  /** Of EventData or UserData, in their order; a name only where there is one. */
  readonly data: readonly EventValue[];
  /** It was cut, or its XML is damaged: this is what could be read. */
  readonly isDamaged: boolean;
}

export interface EventValue {
  readonly name: string | undefined;
  readonly value: string;
}

const AUDIT_FAILURE = 1n << 52n;
const LEVELS: Readonly<Record<string, Level>> = {
  1: 'CRITICAL',
  2: 'ERROR',
  3: 'WARNING',
  4: 'INFO',
  5: 'DEBUG',
};
/** Bytes of a classic event, in hex: nothing for a person to read. */
const BINARY = 'Binary';
const NAMESPACE_ATTRIBUTE = /^xmlns(:|$)/;

/** What is no event at all is given as the raw text it is: nothing that was in a log is dropped. */
export function parseWindowsEvent({ xml, isCut }: SplitEvent): WindowsEvent {
  const parsed = parseXml(xml);
  if (!parsed.ok) return rawEvent(xml);
  const { root } = parsed;
  const system = childOf(root, 'System');
  const rendering = childOf(root, 'RenderingInfo');
  const provider = system && childOf(system, 'Provider');
  const timeText = system && attributeOf(childOf(system, 'TimeCreated'), 'SystemTime');
  const time = timeText === undefined ? undefined : parseEventTime(timeText);
  const data = dataOf(root);
  const eventId = numberOf(textOf(system, 'EventID'));
  const providerName =
    attributeOf(provider, 'Name') ?? attributeOf(provider, 'EventSourceName') ?? textOf(rendering, 'Provider');
  const text = tidy(textOf(rendering, 'Message') ?? '');
  const recordId = textOf(system, 'EventRecordID');
  return {
    recordId: recordId !== undefined && /^\d{1,20}$/.test(recordId) ? BigInt(recordId) : undefined,
    channel: textOf(system, 'Channel') ?? textOf(rendering, 'Channel'),
    computer: textOf(system, 'Computer'),
    provider: providerName,
    eventId,
    timeText,
    timeMs: time?.ok ? time.timeMs : undefined,
    level: levelOf(textOf(system, 'Level') ?? '', textOf(system, 'Keywords') ?? ''),
    message: text || fallbackMessage(data, root, eventId, providerName),
    hasText: text !== '',
    attributes: attributesOf(system, rendering, providerName),
    data,
    isDamaged: isCut || !parsed.isWhole,
  };
}

/** 1 CRITICAL … 5 DEBUG, everything else INFO; what the security log marks as a failed audit is a WARNING. */
function levelOf(number: string, keywords: string): Level {
  const level = LEVELS[number] ?? 'INFO';
  const isKeywords = /^0x[0-9a-f]{1,16}$/i.test(keywords);
  return level === 'INFO' && isKeywords && (BigInt(keywords) & AUDIT_FAILURE) !== 0n ? 'WARNING' : level;
}

function fallbackMessage(
  data: readonly EventValue[],
  root: XmlElement,
  eventId: number | undefined,
  provider: string | undefined,
): string {
  const values = data.filter(({ name, value }) => name !== BINARY && value.trim() !== '');
  const said = values.map(({ name, value }) => (name === undefined ? value : `${name}=${value}`)).join(', ');
  if (said !== '') return tidy(said);
  const fault = childOf(root, 'ProcessingErrorData');
  const faultText = fault && tidy(fault.children.map(({ name, text }) => `${name}=${text}`).join(', '));
  return faultText || `Event ${eventId ?? '?'} from ${provider ?? 'an unknown provider'} (no message text installed)`;
}

/** Line breaks as \n, without blanks at the ends of lines and around the whole. */
function tidy(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+(?=\n|$)/g, '')
    .replace(/^\n+|\s+$/g, '');
}

function attributesOf(
  system: XmlElement | undefined,
  rendering: XmlElement | undefined,
  providerName: string | undefined,
): EventValue[] {
  const provider = system && childOf(system, 'Provider');
  const execution = system && childOf(system, 'Execution');
  const correlation = system && childOf(system, 'Correlation');
  const eventSource = attributeOf(provider, 'EventSourceName');
  const keywords = rendering && childOf(rendering, 'Keywords');
  const all: [name: string, value: string | undefined][] = [
    ['providerGuid', attributeOf(provider, 'Guid')],
    ['eventSource', eventSource === providerName ? undefined : eventSource],
    ['qualifiers', unlessZero(attributeOf(system && childOf(system, 'EventID'), 'Qualifiers'))],
    ['version', unlessZero(textOf(system, 'Version'))],
    ['levelNumber', textOf(system, 'Level')],
    ['task', unlessZero(textOf(system, 'Task'))],
    ['taskName', textOf(rendering, 'Task')],
    ['opcode', unlessZero(textOf(system, 'Opcode'))],
    ['opcodeName', textOf(rendering, 'Opcode')],
    ['keywords', textOf(system, 'Keywords')],
    ['keywordNames', keywords?.children.map(({ text }) => text.trim()).join(', ')],
    ['processId', unlessZero(attributeOf(execution, 'ProcessID'))],
    ['threadId', unlessZero(attributeOf(execution, 'ThreadID'))],
    ['activityId', attributeOf(correlation, 'ActivityID')],
    ['relatedActivityId', attributeOf(correlation, 'RelatedActivityID')],
    ['userSid', attributeOf(system && childOf(system, 'Security'), 'UserID')],
  ];
  return all.flatMap(([name, value]) => (value === undefined || value === '' ? [] : { name, value }));
}

function unlessZero(number: string | undefined): string | undefined {
  return number === '0' ? undefined : number;
}

function dataOf(root: XmlElement): EventValue[] {
  const values: EventValue[] = [];
  for (const element of root.children) {
    if (element.name === 'EventData' || element.name === 'DebugData') {
      for (const child of element.children) addEventData(values, child);
    } else if (element.name === 'BinaryEventData') {
      values.push({ name: BINARY, value: element.text.trim() });
    } else if (element.name === 'UserData') {
      // The one element in it is named after the provider's template; what it holds has the names that say something.
      for (const template of element.children) addLeaves(values, template, '');
    }
  }
  return values;
}

function addEventData(values: EventValue[], element: XmlElement): void {
  if (element.children.length > 0) {
    addLeaves(values, element, attributeOf(element, 'Name') ?? element.name);
    return;
  }
  if (element.name === BINARY && element.text === '') return;
  const name = attributeOf(element, 'Name') ?? (element.name === 'Data' ? undefined : element.name);
  values.push({ name, value: element.text });
}

function addLeaves(values: EventValue[], element: XmlElement, path: string): void {
  const below = (name: string) => (path === '' ? name : `${path}.${name}`);
  for (const [name, value] of element.attributes) {
    if (!NAMESPACE_ATTRIBUTE.test(name)) values.push({ name: below(name), value });
  }
  for (const child of element.children) addLeaves(values, child, below(child.name));
  if (element.children.length > 0 || (element.text.trim() === '' && element.attributes.size > 0)) return;
  values.push({ name: path === '' ? element.name : path, value: element.text });
}

function rawEvent(xml: string): WindowsEvent {
  return {
    recordId: undefined,
    channel: undefined,
    computer: undefined,
    provider: undefined,
    eventId: undefined,
    timeText: undefined,
    timeMs: undefined,
    level: 'UNKNOWN',
    message: tidy(xml) || 'an event that cannot be read',
    hasText: false,
    attributes: [],
    data: [],
    isDamaged: true,
  };
}

function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

/** Undefined: there is none, or it is empty. */
function textOf(element: XmlElement | undefined, name: string): string | undefined {
  const text = element && childOf(element, name)?.text.trim();
  return text === '' ? undefined : text;
}

function attributeOf(element: XmlElement | undefined, name: string): string | undefined {
  const value = element?.attributes.get(name);
  return value === '' ? undefined : value;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
