/**
 * XML → a tree of elements, for the XML that programs print: no document type, no outside entities. Tolerant, as event data
 * holds what XML does not allow: characters that are none are kept, a bad number becomes U+FFFD, what is not closed is
 * closed, and `isWhole` says so.
 */

export interface XmlElement {
  /** Without the prefix of a namespace. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, of all pieces between its children. */
  readonly text: string;
}

export type XmlParsed =
  /** Not whole: a tag is missing or cut, and what there is was taken. */
  | { readonly ok: true; readonly root: XmlElement; readonly isWhole: boolean }
  | { readonly ok: false; readonly reason: string };

/** Elements inside one another. Beyond: refused. */
const DEPTH_MAX = 64;
const CDATA = '<![CDATA[';
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const ENTITY = /&(?:#(\d{1,10})|#[xX]([0-9a-fA-F]{1,8})|(lt|gt|amp|quot|apos));/g;
const ATTRIBUTE = /([^\s=/>"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

interface Open {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: Open[];
  text: string;
}

/** The first element of the text, with all that is in it. */
export function parseXml(text: string): XmlParsed {
  const document = openElement('', NO_ATTRIBUTES);
  const open: Open[] = [document];
  let isWhole = true;
  let at = 0;
  while (at < text.length) {
    const current = open.at(-1) ?? document;
    const tag = text.indexOf('<', at);
    if (tag === -1) {
      current.text += decodeText(text.slice(at));
      break;
    }
    if (tag > at) current.text += decodeText(text.slice(at, tag));
    if (text.startsWith(CDATA, tag)) {
      const end = text.indexOf(']]>', tag);
      current.text += foldBreaks(text.slice(tag + CDATA.length, end === -1 ? undefined : end));
      if (end === -1) break;
      at = end + 3;
      continue;
    }
    const skipped = endOfSkipped(text, tag);
    if (skipped !== undefined) {
      if (skipped === -1) break;
      at = skipped;
      continue;
    }
    if (text[tag + 1] === '!') return { ok: false, reason: 'it has a document type, which is not taken' };
    if (!/[\p{L}_:/]/u.test(text[tag + 1] ?? '')) {
      // No tag begins so: it is text that was not escaped.
      current.text += '<';
      at = tag + 1;
      isWhole = false;
      continue;
    }
    const end = endOfTag(text, tag + 1);
    if (end === -1) break;
    at = end + 1;
    if (text[tag + 1] === '/') {
      if (!closeElement(open, localName(text.slice(tag + 2, end)))) isWhole = false;
    } else {
      const isEmpty = text[end - 1] === '/';
      const element = readTag(text.slice(tag + 1, isEmpty ? end - 1 : end));
      current.children.push(element);
      if (!isEmpty) open.push(element);
      if (open.length > DEPTH_MAX)
        return { ok: false, reason: `it has more than ${DEPTH_MAX} elements in one another` };
    }
    if (open.length === 1) break;
  }
  const [root] = document.children;
  if (!root) return { ok: false, reason: 'it has no element' };
  return { ok: true, root, isWhole: isWhole && open.length === 1 };
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

function openElement(name: string, attributes: ReadonlyMap<string, string>): Open {
  return { name, attributes, children: [], text: '' };
}

/** Behind a comment or an instruction that begins here; -1: it has no end; undefined: there is none here. */
function endOfSkipped(text: string, tag: number): number | undefined {
  const mark = text.startsWith('<!--', tag) ? '-->' : text.startsWith('<?', tag) ? '?>' : undefined;
  if (mark === undefined) return undefined;
  const end = text.indexOf(mark, tag);
  return end === -1 ? -1 : end + mark.length;
}

/** Index of the `>` that ends the tag; one in quotes does not. */
function endOfTag(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '>') return at;
    if (character === '"' || character === "'") {
      at = text.indexOf(character, at + 1);
      if (at === -1) return -1;
    }
  }
  return -1;
}

function readTag(tag: string): Open {
  const name = /^[^\s=/>"']*/.exec(tag)?.[0] ?? '';
  if (name.length === tag.length) return openElement(localName(name), NO_ATTRIBUTES);
  const attributes = new Map<string, string>();
  for (const [, key = '', double, single] of tag.slice(name.length).matchAll(ATTRIBUTE)) {
    attributes.set(key, decodeText(double ?? single ?? ''));
  }
  return openElement(localName(name), attributes);
}

/** Closes the nearest open element of that name and what is open in it; false: that was not the innermost one. */
function closeElement(open: Open[], name: string): boolean {
  const index = open.findLastIndex((element, depth) => depth > 0 && element.name === name);
  if (index === -1) return false;
  const isInnermost = index === open.length - 1;
  open.length = index;
  return isInnermost;
}

function localName(name: string): string {
  const trimmed = name.trim();
  return trimmed.slice(trimmed.indexOf(':') + 1);
}

function decodeText(text: string): string {
  const folded = foldBreaks(text);
  return folded.includes('&') ? folded.replace(ENTITY, decodeEntity) : folded;
}

function decodeEntity(_whole: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return NAMED[name] ?? '';
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  const isNone = code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff);
  return isNone ? '\ufffd' : String.fromCodePoint(code);
}

/** As XML reads line breaks (XML 1.0 §2.11). */
function foldBreaks(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}
