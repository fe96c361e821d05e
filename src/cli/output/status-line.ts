/**
 * One line at the end of a terminal's stderr that says how it goes, drawn over and over; what is printed meanwhile stands
 * above it. Where stderr is no terminal there is none.
 */

const DRAW_MS = 500;
const BACK_AND_CLEAR = '\r\u001b[K';

export interface StatusOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export class StatusLine {
  readonly #output: StatusOutput;
  #timer: NodeJS.Timeout | undefined;
  #isDrawn = false;
  #text: () => string = () => '';

  constructor(output: StatusOutput) {
    this.#output = output;
  }

  /** Draws what the text is then, twice a second, until `stop`. */
  start(text: () => string): void {
    if (!this.#output.isTTY || process.env.TERM === 'dumb') return;
    this.#text = text;
    this.#timer = setInterval(() => this.#draw(), DRAW_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#clear();
  }

  /** Whole lines, above it. */
  print(lines: string): void {
    const wasDrawn = this.#isDrawn;
    this.#clear();
    this.#output.write(lines);
    if (wasDrawn) this.#draw();
  }

  #draw(): void {
    const room = (this.#output.columns ?? 80) - 1;
    this.#output.write(BACK_AND_CLEAR + this.#text().slice(0, room));
    this.#isDrawn = true;
  }

  #clear(): void {
    if (this.#isDrawn) this.#output.write(BACK_AND_CLEAR);
    this.#isDrawn = false;
  }
}

/** Of this process: its diagnostics go through it. */
export const statusLine = new StatusLine(process.stderr);
