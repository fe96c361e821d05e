/**
 * The keys, out of the key table.
 */
import { type KeyBinding, type KeyGroup, keysOf } from '../../viewer/keys.ts';
import type { Canvas } from '../canvas.ts';
import type { Glyphs } from '../glyphs.ts';
import type { Theme } from '../theme.ts';
import { paintFrame } from './frame.ts';

const GROUPS: readonly KeyGroup[] = ['Move', 'Find', 'Filter', 'Act', 'Look'];
const COLUMN_WIDTH = 40;

interface KeyLine {
  readonly keys: readonly string[];
  readonly help: string;
}
type Line = { readonly heading: string } | KeyLine | undefined;

export function paintHelp(canvas: Canvas, theme: Theme, glyphs: Glyphs): void {
  const lines = helpLines();
  const columnCount =
    canvas.height - 2 >= lines.length
      ? 1
      : Math.max(1, Math.min(3, Math.floor((canvas.width - 2) / (COLUMN_WIDTH - 2))));
  const perColumn = Math.ceil(lines.length / columnCount);
  const width = Math.min(canvas.width, columnCount * COLUMN_WIDTH + 2);
  const height = Math.min(canvas.height, perColumn + 2);
  const box = canvas.part(
    Math.floor((canvas.width - width) / 2),
    Math.floor((canvas.height - height) / 2),
    width,
    height,
  );
  const inside = paintFrame(box, { title: 'Keys', footer: 'Esc closes', isFocused: true }, theme, glyphs);
  const columnWidth = Math.floor(inside.width / columnCount);
  lines.forEach((line, index) => {
    const column = inside.part(Math.floor(index / perColumn) * columnWidth, index % perColumn, columnWidth, 1);
    if (line === undefined) return;
    if ('heading' in line) column.text(0, 0, line.heading, theme.title);
    else {
      column.text(0, 0, line.keys.map(keyText).join(' '), theme.strong, { width: 10 });
      column.text(11, 0, line.help, theme.text, { cut: glyphs.cut });
    }
  });
}

/** Ctrl-C and Ctrl-Z do what they do everywhere and are not told. */
function helpLines(): Line[] {
  const bindings = keysOf('terminal');
  return GROUPS.flatMap((group, index) => [
    ...(index === 0 ? [] : [undefined]),
    { heading: group },
    ...keyLines(bindings.filter((binding) => binding.group === group)),
  ]);
}

function keyLines(bindings: readonly KeyBinding[]): KeyLine[] {
  const lines = new Map<string, KeyLine>();
  for (const { keys, help, together } of bindings) {
    const text = together ?? help;
    const before = lines.get(text);
    // Of keys that share a line the first names do.
    const shown = together === undefined ? keys : keys.slice(0, 1);
    lines.set(text, { keys: [...(before?.keys ?? []), ...shown], help: text });
  }
  return [...lines.values()];
}

const SHORT_NAMES: Readonly<Record<string, string>> = { PageDown: 'PgDn', PageUp: 'PgUp', Escape: 'Esc' };

function keyText(key: string): string {
  return SHORT_NAMES[key] ?? key.replace(/^C-/, '^');
}
