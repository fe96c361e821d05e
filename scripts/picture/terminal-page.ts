/**
 * A terminal's screen as a page: text with SGR sequences (ECMA-48 §8.3.117), as tmux captures it, to HTML.
 */
const BASE = ['#1c2128', '#f47067', '#57ab5a', '#c69026', '#539bf5', '#b083f0', '#39c5cf', '#adbac7'];
const BRIGHT = ['#636e7b', '#ff938a', '#6bc46d', '#daaa3f', '#6cb6ff', '#dcbdfb', '#56d4dd', '#ffffff'];
const STEPS = [0, 95, 135, 175, 215, 255];

interface Look {
  fore: string | undefined;
  back: string | undefined;
  isBold: boolean;
  isDim: boolean;
  isInverse: boolean;
}

const plain = (): Look => ({ fore: undefined, back: undefined, isBold: false, isDim: false, isInverse: false });

export function terminalPage(screen: string): string {
  const look = plain();
  let html = '';
  for (const piece of screen.trimEnd().split(/(\x1b\[[0-9;]*m)/)) {
    const codes = /^\x1b\[([0-9;]*)m$/.exec(piece)?.[1];
    if (codes === undefined) html += piece === '' ? '' : `<span style="${styleOf(look)}">${asMarkup(piece)}</span>`;
    else apply(look, codes.split(';').map(Number));
  }
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; background: #0f1318 }
    pre { display: inline-block; margin: 0; padding: 12px; background: #0f1318; color: #cdd9e5; font: 13px/17px "DejaVu Sans Mono", monospace }
  </style><pre>${html}</pre>`;
}

function apply(look: Look, codes: readonly number[]): void {
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    if (code === 0) Object.assign(look, plain());
    else if (code === 1) look.isBold = true;
    else if (code === 2) look.isDim = true;
    else if (code === 7) look.isInverse = true;
    else if (code === 22) look.isBold = look.isDim = false;
    else if (code === 27) look.isInverse = false;
    else if (code >= 30 && code <= 37) look.fore = BASE[code - 30];
    else if (code >= 90 && code <= 97) look.fore = BRIGHT[code - 90];
    else if (code >= 40 && code <= 47) look.back = BASE[code - 40];
    else if (code >= 100 && code <= 107) look.back = BRIGHT[code - 100];
    else if (code === 39) look.fore = undefined;
    else if (code === 49) look.back = undefined;
    else if ((code === 38 || code === 48) && codes[index + 1] === 5) {
      look[code === 38 ? 'fore' : 'back'] = indexed(codes[index + 2] ?? 0);
      index += 2;
    }
  }
}

/** Of the 256 colours: 16 named ones, a cube of 6 x 6 x 6, 24 greys. */
function indexed(color: number): string | undefined {
  if (color < 8) return BASE[color];
  if (color < 16) return BRIGHT[color - 8];
  if (color >= 232) return `rgb(${Array(3).fill(8 + (color - 232) * 10)})`;
  const place = color - 16;
  return `rgb(${[Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6].map((step) => STEPS[step])})`;
}

function styleOf({ fore, back, isBold, isDim, isInverse }: Look): string {
  const [text, ground] = isInverse ? [back ?? '#0f1318', fore ?? '#cdd9e5'] : [fore, back];
  return [
    text && `color:${text}`,
    ground && `background:${ground}`,
    isBold && 'font-weight:bold',
    isDim && 'opacity:.65',
  ]
    .filter(Boolean)
    .join(';');
}

function asMarkup(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
