/**
 * What an agent tells the server of itself: one line of JSON in the header `Logd-Agent` of POST /logs. Both ends are here.
 */
import { CLIENT_ID_LENGTH_MAX, PRODUCER_LENGTH_MAX } from '../entry/limits.ts';

/** In lower case, as node:http has it. */
export const AGENT_HEADER = 'logd-agent';

/** The header's value. Beyond: an agent leaves client ids out, a server takes no notice of it. */
export const AGENT_REPORT_BYTES_MAX = 2_048;

const HOST_LENGTH_MAX = 64;
const VERSION_LENGTH_MAX = 64;
const NAME_LENGTH_MAX = 64;
const LIST_MAX = 64;

export interface AgentReport {
  readonly producer: string;
  readonly version: string;
  readonly host: string;
  /** Whose entries it sends. */
  readonly clients: readonly string[];
  readonly sources: readonly SourceReport[];
  readonly spool: SpoolReport;
  readonly gaps: GapsReport;
  /** It has come to its end as it should: nothing more is to be expected of it. */
  readonly stopped?: true;
}

export interface SourceReport {
  readonly name: string;
  /** Bytes there are and were not read; missing: not known. */
  readonly lag_bytes?: number;
  /** For how long it has been behind; missing: not known. */
  readonly lag_ms?: number;
}

/** What was read and waits for the server. */
export interface SpoolReport {
  readonly batches: number;
  /** Those on their way into it included. */
  readonly lines: number;
  readonly bytes: number;
  readonly max_bytes: number;
  /** Age of the oldest batch; 0: none waits. */
  readonly oldest_ms: number;
}

/** Losses since the agent's state folder was made. */
export interface GapsReport {
  readonly events: number;
  /** Of those events where it is known how many. */
  readonly lines: number;
  /** Events where it is not. */
  readonly unknown: number;
}

/** The header's value: ASCII, at most AGENT_REPORT_BYTES_MAX. */
export function writeAgentReport(report: AgentReport): string {
  const host = report.host.slice(0, HOST_LENGTH_MAX);
  for (let count = Math.min(LIST_MAX, report.clients.length); ; count--) {
    const text = toAscii(JSON.stringify({ ...report, host, clients: report.clients.slice(0, count) }));
    if (text.length <= AGENT_REPORT_BYTES_MAX || count === 0) return text;
  }
}

/** Undefined when it is not what an agent writes. */
export function readAgentReport(text: string): AgentReport | undefined {
  if (text.length > AGENT_REPORT_BYTES_MAX || !/^[\x20-\x7e]*$/.test(text)) return undefined;
  const value = parse(text);
  if (!isObject(value)) return undefined;
  const { producer, version, host, clients, sources, stopped } = value;
  const spool = counts(value.spool, ['batches', 'lines', 'bytes', 'max_bytes', 'oldest_ms']);
  const gaps = counts(value.gaps, ['events', 'lines', 'unknown']);
  if (!isText(producer, PRODUCER_LENGTH_MAX) || !isText(version, VERSION_LENGTH_MAX)) return undefined;
  if (!isText(host, HOST_LENGTH_MAX) || !spool || !gaps) return undefined;
  if (!isList(clients) || !clients.every((client) => isText(client, CLIENT_ID_LENGTH_MAX))) return undefined;
  const lags = isList(sources) ? sources.map(sourceIn) : [undefined];
  if (!lags.every((lag) => lag !== undefined) || (stopped !== undefined && stopped !== true)) return undefined;
  return { producer, version, host, clients, sources: lags, spool, gaps, ...(stopped ? { stopped } : {}) };
}

function sourceIn(value: unknown): SourceReport | undefined {
  if (!isObject(value)) return undefined;
  const { name, lag_bytes, lag_ms } = value;
  if (!isText(name, NAME_LENGTH_MAX)) return undefined;
  if ((lag_bytes !== undefined && !isCount(lag_bytes)) || (lag_ms !== undefined && !isCount(lag_ms))) return undefined;
  return { name, ...(lag_bytes === undefined ? {} : { lag_bytes }), ...(lag_ms === undefined ? {} : { lag_ms }) };
}

function counts<Name extends string>(value: unknown, names: readonly Name[]): Record<Name, number> | undefined {
  if (!isObject(value)) return undefined;
  const found: Partial<Record<Name, number>> = {};
  for (const name of names) {
    const count = value[name];
    if (!isCount(count)) return undefined;
    found[name] = count;
  }
  return found as Record<Name, number>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: no report.
    return undefined;
  }
}

function isText(value: unknown, lengthMax: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= lengthMax;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length <= LIST_MAX;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toAscii(text: string): string {
  return text.replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
