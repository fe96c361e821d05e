/**
 * A message as pieces to show: safe text, in the colours its ANSI sequences ask for (ECMA-48 §8.3.117), with the hits
 * of the search marked. Sequences that colour are taken out; every other one stays as visible text, above all those
 * that would hide something.
 */
import type { Highlighter } from '../viewer/highlight.ts';
import { type SanitizeOptions, sanitize } from '../viewer/sanitize.ts';

export interface Piece {
  readonly text: string;
  /** 0-15, the sixteen colours of a terminal; undefined: the colour of the text. */
  readonly colour: number | undefined;
  readonly isBold: boolean;
  readonly isHit: boolean;
}

interface Run {
  readonly text: string;
  readonly colour: number | undefined;
  readonly isBold: boolean;
}

const SEQUENCE = /\u001b\[([\d;]{0,40})m/g;
const RESET = 0;
const BOLD = 1;
const NOT_BOLD = 22;
const DEFAULT_COLOUR = 39;
const EXTENDED_COLOUR = 38;
/** Faint, italic, underlined and their ends; backgrounds: without them the text reads the same. */
const WITHOUT_EFFECT = new Set([2, 3, 4, 23, 24, 49]);

export function textPieces(message: string, highlight: Highlighter | undefined, options: SanitizeOptions): Piece[] {
  const runs = runsOf(message, options);
  const hits = highlight?.(runs.map((run) => run.text).join('')) ?? [];
  if (hits.length === 0) return runs.map((run) => ({ ...run, isHit: false }));
  const pieces: Piece[] = [];
  let runFrom = 0;
  for (const run of runs) {
    const runTo = runFrom + run.text.length;
    let at = runFrom;
    const take = (to: number, isHit: boolean) => {
      if (to > at) pieces.push({ ...run, text: run.text.slice(at - runFrom, to - runFrom), isHit });
      at = Math.max(at, to);
    };
    for (const { from, to } of hits) {
      if (to <= runFrom || from >= runTo) continue;
      take(Math.min(from, runTo), false);
      take(Math.min(to, runTo), true);
    }
    take(runTo, false);
    runFrom = runTo;
  }
  return pieces;
}

/** The class names that give a piece its looks; empty for plain text. */
export function pieceClass({ colour, isBold }: Piece): string {
  return [...(colour === undefined ? [] : [`ansi-${colour}`]), ...(isBold ? ['ansi-bold'] : [])].join(' ');
}

/** What a person reads: the pieces without their looks. */
export function plainText(message: string, options: SanitizeOptions): string {
  return runsOf(message, options)
    .map((run) => run.text)
    .join('');
}

function runsOf(message: string, options: SanitizeOptions): Run[] {
  if (!message.includes('\u001b[')) return [{ text: sanitize(message, options), colour: undefined, isBold: false }];
  const runs: Run[] = [];
  let style: Omit<Run, 'text'> = { colour: undefined, isBold: false };
  let text = '';
  let at = 0;
  const finish = () => {
    if (text !== '') runs.push({ ...style, text: sanitize(text, options) });
    text = '';
  };
  for (const found of message.matchAll(SEQUENCE)) {
    text += message.slice(at, found.index);
    at = found.index + found[0].length;
    const next = styleAfter(style, found[1] ?? '');
    if (next === undefined) text += found[0];
    else {
      finish();
      style = next;
    }
  }
  text += message.slice(at);
  finish();
  return runs.length === 0 ? [{ text: '', colour: undefined, isBold: false }] : runs;
}

/** Undefined: the sequence asks for something that is not shown here. */
function styleAfter(style: Omit<Run, 'text'>, parameters: string): Omit<Run, 'text'> | undefined {
  const codes = parameters.split(';').map(Number);
  let { colour, isBold } = style;
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    if (code === RESET) {
      colour = undefined;
      isBold = false;
    } else if (code === BOLD) isBold = true;
    else if (code === NOT_BOLD) isBold = false;
    else if (code === DEFAULT_COLOUR) colour = undefined;
    else if (code >= 30 && code <= 37) colour = code - 30;
    else if (code >= 90 && code <= 97) colour = code - 90 + 8;
    else if (code === EXTENDED_COLOUR && codes[index + 1] === 5) {
      const wanted = codes[index + 2] ?? 0;
      colour = wanted < 16 ? wanted : undefined;
      index += 2;
    } else if (!WITHOUT_EFFECT.has(code) && !(code >= 40 && code <= 47) && !(code >= 100 && code <= 107))
      return undefined;
  }
  return { colour, isBold };
}
