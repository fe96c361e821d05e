#!/usr/bin/env node
// A wevtutil for tests, after what was measured on Windows 11 (options, exit codes, English texts, encodings). It never
// knows where its caller is, and reads its store anew at each call. Elsewhere than on Windows an exit code has eight bits:
// 15007 arrives as 159.
//
// Store: the folder FAKE_WEVTUTIL. <channel>.ndjson: a line {"id":1,"xml":"<Event …>"} per record, oldest first; a channel
// without such a file is missing. Rules: faults.json, a list of
//   {"channel"?, "verb"?, "times"?, "exitCode"?, "stderr"?, "delayMs"?, "pieceBytes"?, "endAfterBytes"?, "hang"?, "silent"?,
//    "signal"?, "narrow"?}
// of which the first that fits is used ("times" counts down). calls.log: its arguments, a line of JSON per call.
// Not measured, so guessed: the exit code while the service is down (1722), the order of sentences then.
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const store = process.env.FAKE_WEVTUTIL ?? '';
const args = process.argv.slice(2);
appendFileSync(join(store, 'calls.log'), `${JSON.stringify(args)}\n`);

const VERBS = {
  qe: 'qe',
  'query-events': 'qe',
  gli: 'gli',
  'get-loginfo': 'gli',
  gl: 'gl',
  'get-log': 'gl',
  el: 'el',
  'enum-logs': 'el',
};
const OPTIONS = {
  lf: 'lf',
  logfile: 'lf',
  q: 'q',
  query: 'q',
  rd: 'rd',
  reversedirection: 'rd',
  f: 'f',
  format: 'f',
  l: 'l',
  locale: 'l',
  c: 'c',
  count: 'c',
  e: 'e',
  element: 'e',
  uni: 'uni',
  unicode: 'uni',
};

function fail(code, ...sentences) {
  process.stderr.write(`${sentences.join('\r\n')}\r\n`);
  process.exit(code & 255);
}

function takeFault(channel, verb) {
  const path = join(store, 'faults.json');
  if (!existsSync(path)) return {};
  const faults = JSON.parse(readFileSync(path, 'utf8'));
  const fault = faults.find(
    (each) =>
      (each.times ?? 1) > 0 &&
      (each.channel === undefined || each.channel.toLowerCase() === channel.toLowerCase()) &&
      (each.verb === undefined || each.verb === verb),
  );
  if (fault?.times !== undefined) {
    fault.times--;
    writeFileSync(path, JSON.stringify(faults));
  }
  return fault ?? {};
}

function readOptions(texts) {
  const options = {};
  for (const text of texts) {
    const [, name = '', value] = /^[/-]([^:]*)(?::([\s\S]*))?$/.exec(text) ?? [];
    if (!/^[/-]/.test(text) || value === undefined)
      fail(87, 'Too many arguments are specified.', 'The parameter is incorrect.');
    const key = OPTIONS[name.toLowerCase()];
    if (key === undefined) fail(87, `Invalid option ${name}. Option is not valid.`, 'The parameter is incorrect.');
    options[key] = value;
  }
  const format = (options.f ?? 'xml').toLowerCase();
  if (!['xml', 'text', 'renderedxml'].includes(format))
    fail(87, 'Invalid value for option f.', 'The parameter is incorrect.');
  for (const key of ['rd', 'uni', 'lf']) {
    if (!/^(true|false)$/i.test(options[key] ?? 'false'))
      fail(87, `Invalid value for option ${key}.`, 'The parameter is incorrect.');
  }
  if (options.c !== undefined && !(Number(options.c) >= 1))
    fail(87, 'Invalid value for property count.', 'The parameter is incorrect.');
  return { ...options, format, isReverse: /true/i.test(options.rd ?? ''), isWide: /true/i.test(options.uni ?? '') };
}

function chooseBy(query = '*') {
  if (query === '*') return () => true;
  const balance = [...query].reduce((depth, c) => depth + (c === '[' ? 1 : c === ']' ? -1 : 0), 0);
  if (balance !== 0) fail(15001, 'A syntax error occurred at position 9', 'The specified query is invalid.');
  const [, after] = /^\*\[System\[EventRecordID>(\d+)\]\]$/.exec(query) ?? [];
  // The trap of the real one: a property that it does not know is no error, and nothing is found.
  return after === undefined ? () => false : ({ id }) => BigInt(id) > BigInt(after);
}

function channelFile(channel) {
  const name = readdirSync(store).find(
    (file) => file.toLowerCase() === `${channel.replaceAll('/', '%4').toLowerCase()}.ndjson`,
  );
  return name === undefined ? undefined : join(store, name);
}

function recordsOf(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** What is printed for it, without the texts unless they are asked for. */
function printedXml(xml, format) {
  return format === 'renderedxml' ? xml : xml.replace(/<RenderingInfo[\s\S]*<\/RenderingInfo>/, '');
}

/** As the console's code page would have it: what it has not is a question mark. */
function narrow(text) {
  return Buffer.from(text.replace(/[^\u0000-\u00ff]/gu, '?'), 'latin1');
}

async function print(text, isWide, fault) {
  if (text === '') return;
  const isBare = process.env.FAKE_WEVTUTIL_BOM === '0';
  let bytes = isWide && !fault.narrow ? Buffer.from(`${isBare ? '' : '\ufeff'}${text}`, 'utf16le') : narrow(text);
  if (fault.endAfterBytes !== undefined) bytes = bytes.subarray(0, fault.endAfterBytes);
  const pieceBytes = fault.pieceBytes ?? 1_000_000;
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    await new Promise((resolve) => process.stdout.write(bytes.subarray(at, at + pieceBytes), resolve));
  }
}

const verb = VERBS[(args[0] ?? '').toLowerCase()];
const channel = verb === 'el' ? '' : (args[1] ?? '');
const fault = takeFault(channel, verb);
if (fault.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
if (fault.silent) process.exit(0);
if (fault.hang) {
  setInterval(() => {
    // Until it is killed.
  }, 60_000);
  await new Promise(() => {});
}
if (fault.stderr !== undefined) process.stderr.write(fault.stderr);
if (fault.exitCode === 5) fail(5, 'Access is denied.', '', 'Failed to open event query.', 'Access is denied.');
if (fault.exitCode === 1722) fail(1722, 'Failed to open event query.', 'The RPC server is unavailable.');
if (fault.exitCode === 15027 && /RenderedXml/i.test(args.join(' '))) fail(15027, 'The message resource is not there.');
if (fault.exitCode !== undefined && fault.exitCode !== 15027) fail(fault.exitCode, 'The operation failed.');
if (verb === undefined)
  fail(87, `Invalid command ${args[0]}. Command is not supported.`, 'The parameter is incorrect.');
if (verb === 'el') {
  const names = readdirSync(store).filter((file) => file.endsWith('.ndjson'));
  await print(names.map((name) => `${name.slice(0, -7).replaceAll('%4', '/')}\r\n`).join(''), false, fault);
  process.exit(0);
}
const options = verb === 'qe' ? readOptions(args.slice(2)) : { format: 'text', isReverse: false, isWide: false };
const path = channelFile(channel);
const NOT_FOUND = 'The specified channel could not be found.';
if (path === undefined) {
  if (verb === 'qe') fail(15007, NOT_FOUND, '', 'Failed to open event query.', NOT_FOUND);
  if (verb === 'gl') fail(15007, `Failed to read configuration for log ${channel}.`, NOT_FOUND);
  fail(15007, `Failed to read log status information for log ${channel}.`, NOT_FOUND);
}
const records = recordsOf(path);
if (verb === 'gli') {
  const lines = [
    'creationTime: 2026-03-01T09:00:00.000Z',
    'lastAccessTime: 2026-03-01T09:00:00.000Z',
    'lastWriteTime: 2026-03-01T09:00:00.000Z',
    'fileSize: 69632',
    'attributes: 32',
    `numberOfLogRecords: ${records.length}`,
    // Whatever is in it.
    'oldestRecordNumber: 1',
  ];
  await print(`${lines.join('\r\n')}\r\n`, false, fault);
  process.exit(0);
}
if (verb === 'gl') {
  await print(`name: ${channel}\r\nenabled: true\r\n`, false, fault);
  process.exit(0);
}
const chosen = records.filter(chooseBy(options.q));
if (options.isReverse) chosen.reverse();
const wanted = chosen.slice(0, options.c === undefined ? undefined : Number(options.c));
const body = wanted.map(({ xml }) => `${printedXml(xml, options.format)}\r\n`).join('');
const isRooted = options.e !== undefined && body !== '';
await print(isRooted ? `<${options.e}>\r\n${body}</${options.e}>\r\n` : body, options.isWide, fault);
if (fault.signal) process.kill(process.pid, fault.signal);
process.exit(0);
