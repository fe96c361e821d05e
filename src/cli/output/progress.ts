/**
 * A line on stderr that tells how far a long command is: redrawn in place on a terminal, elsewhere a line every few seconds.
 */
import type { Reporter } from '../../system/reporter.ts';

export interface ProgressOptions {
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  /** What there is to tell now. */
  readonly line: (form: 'bar' | 'words') => string;
  readonly reporter: Reporter;
  /** Without one, nothing is told where no terminal is. */
  readonly isForTerminalsOnly?: boolean;
  /** Nothing is told: what the command prints has the terminal. */
  readonly isQuiet?: boolean;
}

export interface Progress {
  /** Reports above the line. */
  readonly reporter: Reporter;
  /** Takes the line away. */
  end(): void;
}

const REDRAW_MS = 100;
const TELL_MS = 5_000;
const CLEAR = '\r\x1b[2K';
const BAR_WIDTH = 24;
const COLUMNS_DEFAULT = 80;

export function showProgress(options: ProgressOptions): Progress {
  const { output, line, reporter, isForTerminalsOnly = false, isQuiet = false } = options;
  if (isQuiet) return { reporter, end() {} };
  const isTerminal = output.isTTY === true && process.env.TERM !== 'dumb';
  if (!isTerminal) {
    if (isForTerminalsOnly) return { reporter, end() {} };
    const telling = setInterval(() => {
      reporter({ severity: 'info', event: 'progress', message: line('words') });
    }, TELL_MS);
    telling.unref();
    return { reporter, end: () => clearInterval(telling) };
  }
  const draw = () => output.write(`${CLEAR}${line('bar').slice(0, (output.columns ?? COLUMNS_DEFAULT) - 1)}`);
  const drawing = setInterval(draw, REDRAW_MS);
  drawing.unref();
  return {
    reporter(report) {
      output.write(CLEAR);
      reporter(report);
      draw();
    },
    end() {
      clearInterval(drawing);
      output.write(CLEAR);
    },
  };
}

/** `[#######-----------------]`, for a share from 0 to 1. */
export function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}]`;
}
