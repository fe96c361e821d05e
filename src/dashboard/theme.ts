/**
 * Colours of the dashboard, as attributes of cells. Where a background is set the foreground is too, so that light and
 * dark terminals both show it; everything else keeps the terminal's own colours. Without colours, weight and inversion
 * must do.
 */
import type { Level } from '../entry/level.ts';

/** Of blessed: flags, foreground and background in one number; 511 is the terminal's own colour. */
export type Attribute = number;

const OWN = 0x1ff;
const BOLD = 1;
const UNDERLINE = 2;
const INVERSE = 8;

export interface Theme {
  readonly hasColor: boolean;
  readonly text: Attribute;
  readonly strong: Attribute;
  readonly dim: Attribute;
  readonly rule: Attribute;
  readonly title: Attribute;
  readonly link: Attribute;
  readonly good: Attribute;
  readonly caution: Attribute;
  readonly bad: Attribute;
  readonly hit: Attribute;
  readonly bar: Attribute;
  readonly barDim: Attribute;
  readonly barFaint: Attribute;
  readonly barStrong: Attribute;
  readonly barGood: Attribute;
  readonly barCaution: Attribute;
  readonly barBad: Attribute;
  readonly badge: Attribute;
  readonly pausedBadge: Attribute;
  readonly level: Readonly<Record<Level, Attribute>>;
  readonly barLevel: Readonly<Record<Level, Attribute>>;
  readonly message: Readonly<Record<Level, Attribute>>;
  /** For telling clients apart. */
  readonly clients: readonly Attribute[];
  /** An attribute on the background of the selected row. */
  selected(attribute: Attribute): Attribute;
  /** The same on the background of a found or marked place. */
  marked(attribute: Attribute): Attribute;
}

export function attribute(fg: number = OWN, bg: number = OWN, flags = 0): Attribute {
  return (flags << 18) | (fg << 9) | bg;
}

const BAR_BG = 236;
const SELECTED_BG = 238;
const LEVEL_FG: Readonly<Record<Level, number>> = {
  DEBUG: 245,
  INFO: 72,
  WARNING: 178,
  ERROR: 203,
  CRITICAL: 199,
  UNKNOWN: 103,
};

export function createTheme(hasColor: boolean): Theme {
  return hasColor ? colorTheme() : plainTheme();
}

function colorTheme(): Theme {
  const perLevel = (make: (fg: number, level: Level) => Attribute) =>
    mapLevels((level) => make(LEVEL_FG[level], level));
  return {
    hasColor: true,
    text: attribute(),
    strong: attribute(OWN, OWN, BOLD),
    dim: attribute(245),
    rule: attribute(240),
    title: attribute(74, OWN, BOLD),
    link: attribute(74),
    good: attribute(72),
    caution: attribute(178),
    bad: attribute(203),
    hit: attribute(16, 221),
    bar: attribute(252, BAR_BG),
    barDim: attribute(246, BAR_BG),
    barFaint: attribute(240, BAR_BG),
    barStrong: attribute(255, BAR_BG, BOLD),
    barGood: attribute(78, BAR_BG, BOLD),
    barCaution: attribute(221, BAR_BG, BOLD),
    barBad: attribute(210, BAR_BG, BOLD),
    badge: attribute(255, 25, BOLD),
    pausedBadge: attribute(16, 221, BOLD),
    level: perLevel((fg, level) =>
      level === 'CRITICAL' ? attribute(231, 161, BOLD) : attribute(fg, OWN, level === 'ERROR' ? BOLD : 0),
    ),
    barLevel: perLevel((fg, level) => attribute(level === 'DEBUG' ? 248 : fg, BAR_BG, BOLD)),
    message: mapLevels((level) => {
      if (level === 'ERROR') return attribute(210);
      if (level === 'CRITICAL') return attribute(211, OWN, BOLD);
      return level === 'DEBUG' ? attribute(245) : attribute();
    }),
    clients: [74, 108, 140, 173, 109, 144, 175, 67].map((fg) => attribute(fg)),
    selected: (given) => onBackground(given, SELECTED_BG),
    marked: (given) => onBackground(given, 58),
  };
}

function plainTheme(): Theme {
  const text = attribute();
  const strong = attribute(OWN, OWN, BOLD);
  const inverse = attribute(OWN, OWN, INVERSE);
  const weight = mapLevels((level) => (level === 'ERROR' || level === 'CRITICAL' ? strong : text));
  return {
    hasColor: false,
    text,
    strong,
    dim: text,
    rule: text,
    title: strong,
    link: text,
    good: text,
    caution: strong,
    bad: strong,
    hit: attribute(OWN, OWN, UNDERLINE | BOLD),
    bar: inverse,
    barDim: inverse,
    barFaint: inverse,
    barStrong: attribute(OWN, OWN, INVERSE | BOLD),
    barGood: inverse,
    barCaution: inverse,
    barBad: attribute(OWN, OWN, INVERSE | BOLD),
    badge: attribute(OWN, OWN, INVERSE | BOLD),
    pausedBadge: attribute(OWN, OWN, BOLD),
    level: weight,
    barLevel: mapLevels(() => inverse),
    message: weight,
    clients: [text],
    selected: (given) => given | (INVERSE << 18),
    marked: (given) => given | (UNDERLINE << 18),
  };
}

/** With a background of ours, the terminal's own foreground becomes a light one. */
function onBackground(given: Attribute, background: number): Attribute {
  if ((given & OWN) !== OWN) return given;
  const fg = (given >> 9) & OWN;
  // Greys that are dim on the terminal's own background would drown in ours.
  const shown = fg === OWN ? 255 : fg === 245 || fg === 240 ? 250 : fg;
  return attribute(shown, background, given >> 18);
}

function mapLevels(make: (level: Level) => Attribute): Record<Level, Attribute> {
  return {
    DEBUG: make('DEBUG'),
    INFO: make('INFO'),
    WARNING: make('WARNING'),
    ERROR: make('ERROR'),
    CRITICAL: make('CRITICAL'),
    UNKNOWN: make('UNKNOWN'),
  };
}
