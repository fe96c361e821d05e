/**
 * All clients over the list, with all that is known of them.
 */
import type { AgentTrouble } from '../../api/types.ts';
import { sanitize } from '../../viewer/sanitize.ts';
import type { Canvas } from '../canvas.ts';
import type { ClientRow } from '../client-activity.ts';
import { selectedIndex } from '../clients-pane.ts';
import { grouped } from '../figures.ts';
import type { ClientsOverlay } from '../state.ts';
import type { Attribute } from '../theme.ts';
import { textWidth } from '../width.ts';
import { type Column, ERRORS, GAPS, LAG, type Look, RATE, SEEN } from './clients.ts';
import { paintFrame } from './frame.ts';
import { hash } from './list.ts';

const TOTAL: Column = {
  heading: 'entries',
  width: 11,
  show: ({ total }, { theme }) => [grouped(total), theme.text],
};
const COLUMNS: readonly Column[] = [RATE, TOTAL, ERRORS, LAG, GAPS, SEEN];
const NAME_WIDTH_MIN = 12;
const NAME_WIDTH_MAX = 40;
/** Behind the columns, where there is room: what is the matter. */
const WORDS: Readonly<Record<AgentTrouble, string>> = {
  lag: 'falls behind',
  spool: 'spool nearly full',
  gaps: 'has lost entries',
  silent: 'agent silent',
};

export function paintClientsPane(
  canvas: Canvas,
  overlay: ClientsOverlay,
  rows: readonly ClientRow[],
  look: Look,
): void {
  const { theme, glyphs } = look;
  const title = `Clients  ${grouped(rows.length)}`;
  const footer = 'j k choose  Enter its entries alone  Tab tickets  Esc closes';
  const inside = paintFrame(canvas, { title, footer, isFocused: true }, theme, glyphs);
  if (rows.length === 0) {
    inside.text(0, 1, 'No client has sent anything yet.', theme.dim);
    return;
  }
  const columnsWidth = COLUMNS.reduce((sum, { width }) => sum + width + 2, 0);
  const longest = Math.max(...rows.map(({ clientId }) => textWidth(sanitize(clientId))));
  const nameWidth = Math.max(NAME_WIDTH_MIN, Math.min(NAME_WIDTH_MAX, longest, inside.width - columnsWidth));
  const put = (y: number, texts: readonly (readonly [string, Attribute])[]) => {
    let x = nameWidth;
    COLUMNS.forEach(({ width }, index) => {
      const [text, attribute] = texts[index] ?? ['', theme.text];
      x += 2;
      inside.text(x, y, text.padStart(width), attribute);
      x += width;
    });
    return x + 2;
  };
  inside.text(0, 0, 'client', theme.dim);
  put(
    0,
    COLUMNS.map((column) => [column.heading, theme.dim]),
  );
  const room = Math.max(1, inside.height - 1);
  const selected = selectedIndex(rows, overlay);
  const from = Math.max(0, Math.min(selected - Math.floor(room / 2), rows.length - room));
  rows.slice(from, from + room).forEach((client, index) => {
    const y = index + 1;
    const isSelected = from + index === selected;
    const on = (attribute: Attribute) => (isSelected ? theme.selected(attribute) : attribute);
    if (isSelected) inside.fill(0, y, inside.width, ' ', on(theme.text));
    const name = theme.clients[hash(client.clientId) % theme.clients.length] ?? theme.text;
    inside.text(0, y, sanitize(client.clientId), on(client.isSilent ? theme.dim : name), {
      width: nameWidth,
      cut: glyphs.cut,
    });
    const x = put(
      y,
      COLUMNS.map((column) => {
        const [text, attribute] = column.show(client, look);
        return [text, on(attribute)];
      }),
    );
    const troubles = [...(client.agent?.troubles ?? [])].map((trouble) => WORDS[trouble]).join(', ');
    inside.text(x, y, troubles, on(theme.caution), { cut: glyphs.cut });
  });
}
