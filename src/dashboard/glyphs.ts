/**
 * The signs of the dashboard, for terminals with and without UTF-8, and for the console of Linux, whose fonts have few.
 */
export interface Glyphs {
  readonly isUtf8: boolean;
  readonly live: string;
  readonly waiting: string;
  readonly pause: string;
  readonly pin: string;
  readonly ticket: string;
  readonly note: string;
  readonly deleted: string;
  readonly edge: string;
  readonly horizontal: string;
  readonly vertical: string;
  readonly more: string;
  readonly less: string;
  readonly cut: string;
  readonly dot: string;
  /** Behind what goes on. */
  readonly dots: string;
  readonly down: string;
  /** Points at what stands below it. */
  readonly pointer: string;
  readonly corners: readonly [topLeft: string, topRight: string, bottomLeft: string, bottomRight: string];
  /** Heights from none to full. */
  readonly blocks: readonly string[];
}

export const UTF8_GLYPHS: Glyphs = {
  isUtf8: true,
  live: '●',
  waiting: '○',
  pause: '‖',
  pin: '◆',
  ticket: '⚑',
  note: '✎',
  deleted: '✗',
  edge: '▌',
  horizontal: '─',
  vertical: '│',
  more: '›',
  less: '‹',
  cut: '…',
  dot: '·',
  dots: '…',
  down: '↓',
  pointer: '▾',
  corners: ['╭', '╮', '╰', '╯'],
  blocks: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
};

export const ASCII_GLYPHS: Glyphs = {
  isUtf8: false,
  live: '*',
  waiting: 'o',
  pause: '=',
  pin: '+',
  ticket: '!',
  note: '"',
  deleted: 'x',
  edge: '|',
  horizontal: '-',
  vertical: '|',
  more: '>',
  less: '<',
  cut: '~',
  dot: '-',
  dots: '...',
  down: 'v',
  pointer: 'v',
  corners: ['+', '+', '+', '+'],
  blocks: [' ', '.', '.', ':', ':', '+', '+', '#', '#'],
};

/** Of code page 437, which every font of the console has. */
export const CONSOLE_GLYPHS: Glyphs = {
  isUtf8: true,
  live: '•',
  waiting: '○',
  pause: '=',
  pin: '♦',
  ticket: '!',
  note: '"',
  deleted: 'x',
  edge: '▌',
  horizontal: '─',
  vertical: '│',
  more: '>',
  less: '<',
  cut: '~',
  dot: '·',
  dots: '...',
  down: '↓',
  pointer: '↓',
  corners: ['┌', '┐', '└', '┘'],
  blocks: [' ', '░', '░', '▒', '▒', '▓', '▓', '█', '█'],
};
