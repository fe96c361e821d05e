/**
 * The signs of the dashboard, for terminals with and without UTF-8.
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
  readonly down: string;
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
  down: '↓',
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
  down: 'v',
  corners: ['+', '+', '+', '+'],
  blocks: [' ', '.', '.', ':', ':', '+', '+', '#', '#'],
};
