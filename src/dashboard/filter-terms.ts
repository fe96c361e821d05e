/**
 * Single terms of a filter, set and taken away by a key: the level, the client.
 */
import type { Level } from '../entry/level.ts';

const LEVEL_TERM = /(^|\s)level(?:>=|<=|>|<|=|:)\S+(?=\s|$)/i;
const CLIENT_TERM = /(^|\s)client:(?:"(?:\\.|[^"\\])*"|\S+)(?=\s|$)/i;

/** The filter with `level>=…` in the place of its level term; without one when it is that already. */
export function toggleLevel(filter: string, level: Level): string {
  return toggle(filter, LEVEL_TERM, `level>=${level.toLowerCase()}`);
}

/** The filter with that client; without one when it is that already. */
export function toggleClient(filter: string, clientId: string): string {
  return toggle(filter, CLIENT_TERM, clientTerm(clientId));
}

/** The filter with that client in the place of its client term. */
export function withClient(filter: string, clientId: string): string {
  return withTerm(filter, CLIENT_TERM, clientTerm(clientId));
}

function clientTerm(clientId: string): string {
  const isPlain = /^[\w.@-]+$/.test(clientId);
  return `client:${isPlain ? clientId : `"${clientId.replace(/["\\]/g, '\\$&')}"`}`;
}

function toggle(filter: string, pattern: RegExp, term: string): string {
  if (pattern.exec(filter)?.[0].trim() === term) return filter.replace(pattern, ' ').trim();
  return withTerm(filter, pattern, term);
}

function withTerm(filter: string, pattern: RegExp, term: string): string {
  const rest = filter.replace(pattern, ' ').trim();
  if (rest === '') return term;
  return /(^|\s)OR(\s|$)/.test(rest) && !isOneGroup(rest) ? `(${rest}) ${term}` : `${rest} ${term}`;
}

/** Whether a text is one parenthesis from end to end. */
function isOneGroup(text: string): boolean {
  if (!text.startsWith('(') || !text.endsWith(')')) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '(') depth++;
    if (text[index] === ')' && --depth === 0) return index === text.length - 1;
  }
  return false;
}
