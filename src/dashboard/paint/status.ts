/**
 * The last row: what the list does, what is filtered and searched, what has just happened; or the line being typed.
 */
import { sanitize } from '../../viewer/sanitize.ts';
import type { Canvas } from '../canvas.ts';
import { grouped } from '../figures.ts';
import type { Glyphs } from '../glyphs.ts';
import type { DashboardState, Prompt } from '../state.ts';
import type { Theme } from '../theme.ts';
import { textWidth } from '../width.ts';

export function paintStatus(
  canvas: Canvas,
  state: DashboardState,
  theme: Theme,
  glyphs: Glyphs,
  monotonicMs: number,
): void {
  canvas.fill(0, 0, canvas.width, ' ', theme.bar);
  const { isFollowing, unseen, unseenErrors, selectedIndex, shownCount, lastError, connection } =
    state.viewer.snapshot();
  let x: number;
  if (isFollowing) x = canvas.text(0, 0, ` ${glyphs.down} FOLLOWING `, theme.badge) + 1;
  else {
    x = canvas.text(0, 0, ` ${glyphs.pause} PAUSED `, theme.pausedBadge) + 1;
    if (unseen > 0) {
      x = canvas.text(x, 0, `${grouped(unseen)} new`, theme.barStrong);
      if (unseenErrors > 0) {
        x = canvas.text(x, 0, ', ', theme.bar);
        x = canvas.text(x, 0, `${grouped(unseenErrors)} ${unseenErrors === 1 ? 'error' : 'errors'}`, theme.barBad);
      }
      x += 2;
    }
  }
  const place = isFollowing || shownCount === 0 ? '' : `${grouped(selectedIndex + 1)}/${grouped(shownCount)}  `;
  const hint = `${state.isLoading ? `loading${glyphs.dots}  ` : place}? help `;
  const end = canvas.width - hint.length;
  canvas.text(end, 0, hint, theme.barDim);
  const middle = canvas.part(x, 0, end - x - 1, 1);
  const { notice } = state;
  if (notice && notice.untilMs > monotonicMs) {
    const attribute = { info: theme.bar, good: theme.barGood, bad: theme.barBad }[notice.kind];
    middle.text(0, 0, sanitize(notice.text), attribute, { cut: glyphs.cut });
    return;
  }
  if (lastError !== undefined) {
    middle.text(0, 0, sanitize(lastError), theme.barBad, { cut: glyphs.cut });
    return;
  }
  if (connection.kind === 'waiting') {
    middle.text(0, 0, sanitize(connection.reason), theme.barBad, { cut: glyphs.cut });
    return;
  }
  if (state.filterText === '' && state.searchText === '') {
    middle.text(0, 0, isFollowing ? FOLLOWING_HINT : PAUSED_HINT, theme.barDim, { cut: glyphs.cut });
    return;
  }
  let at = 0;
  if (state.filterText !== '') {
    at = middle.text(at, 0, 'filter ', theme.barDim);
    at = middle.text(at, 0, sanitize(state.filterText), theme.barCaution, { cut: glyphs.cut }) + 2;
  }
  if (state.searchText !== '') {
    at = middle.text(at, 0, 'search ', theme.barDim);
    at = middle.text(at, 0, sanitize(state.searchText), theme.barStrong, { cut: glyphs.cut }) + 2;
  }
  if (state.left > 0) at = middle.text(at, 0, `${glyphs.less}${state.left}`, theme.barDim) + 2;
}

const FOLLOWING_HINT = 'Space pause  / search  f filter  e error  Enter detail';
const PAUSED_HINT = 'G live  p pin  t ticket  d delete  a note  y copy  Enter detail';

const LABELS: Readonly<Record<Prompt['kind'], string>> = {
  search: ' Search ',
  filter: ' Filter ',
  note: ' Note ',
};

/** Two rows: the fault, or how it is used; and the line itself. @returns where the cursor stands */
export function paintPrompt(canvas: Canvas, prompt: Prompt, theme: Theme, glyphs: Glyphs): { x: number; y: number } {
  canvas.clear(theme.bar);
  const { editor, fault } = prompt;
  const labelEnd = canvas.text(0, 1, LABELS[prompt.kind], theme.badge) + 1;
  const before = sanitize(editor.beforeCursor);
  const after = sanitize(editor.afterCursor);
  const room = canvas.width - labelEnd - 1;
  const cursorAt = textWidth(before);
  const skip = Math.max(0, cursorAt - room + 1);
  canvas.text(labelEnd, 1, before + after, theme.barStrong, { skip, width: room });
  if (fault && editor.text !== '') {
    const faultAt = textWidth(sanitize(editor.text.slice(0, fault.position))) - skip;
    const line = `${glyphs.pointer} ${sanitize(fault.reason)}`;
    const x = Math.max(0, Math.min(labelEnd + faultAt, canvas.width - textWidth(line) - 1));
    canvas.text(x, 0, line, theme.barBad, { cut: glyphs.cut });
  } else canvas.text(labelEnd, 0, HINTS[prompt.kind], theme.barDim, { cut: glyphs.cut });
  return { x: labelEnd + cursorAt - skip, y: 1 };
}

const HINTS: Readonly<Record<Prompt['kind'], string>> = {
  search: 'words, "a phrase", /regex/, level:error; Enter finds, n and N go on, Esc leaves',
  filter: 'level>=warning client:web-* -word "a phrase" /regex/ is:pinned a OR b; Enter filters, empty shows all',
  note: 'Enter keeps the note, an empty one takes it away',
};
