/**
 * The head of a POST /log as most clients send it (RFC 9112 §3, §5): HTTP/1.1, a JSON body of known length, nothing that
 * changes what the request means. Whatever else a head says, this reader says "not me" and node:http reads it.
 */
import { paths } from '../../api/paths.ts';

export interface PlainHead {
  readonly host: string;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
  /** Content-Length. */
  readonly bodyBytes: number;
}

const REQUEST_LINE = `POST ${paths.log} HTTP/1.1\r\n`;
/** Visible ASCII and inner spaces alone: no folded lines, no control characters, nothing that two readers could read in two ways. */
const FIELD_LINE = /^([a-z0-9-]+): ?([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)$/i;
const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;
const LENGTH = /^(?:0|[1-9]\d{0,6})$/;
/** What nothing here or in node:http gives a meaning to. */
const MEANINGLESS: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'baggage',
  'cache-control',
  'dnt',
  'pragma',
  'priority',
  'referer',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-real-ip',
  'x-request-id',
]);

/** @param head from its first byte to before the empty line that ends it, as latin1 */
export function readPlainHead(head: string): PlainHead | undefined {
  if (!head.startsWith(REQUEST_LINE)) return undefined;
  const fields = new Map<string, string>();
  for (const line of head.slice(REQUEST_LINE.length).split('\r\n')) {
    const [, name = '', value = ''] = FIELD_LINE.exec(line) ?? [];
    const key = name.toLowerCase();
    if (MEANINGLESS.has(key)) continue;
    // Twice the same name: what it means is for others to say.
    if (key === '' || fields.has(key)) return undefined;
    fields.set(key, value);
  }
  const { host, origin, authorization, connection = 'keep-alive', ...others } = Object.fromEntries(fields);
  const { 'content-type': type = '', 'content-length': length = '', ...unusual } = others;
  if (host === undefined || connection.toLowerCase() !== 'keep-alive' || Object.keys(unusual).length > 0)
    return undefined;
  if (!JSON_TYPE.test(type) || !LENGTH.test(length)) return undefined;
  return { host, origin, authorization, bodyBytes: Number(length) };
}
