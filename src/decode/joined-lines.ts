/**
 * Which lines of a program's log belong to the entry before them: indented ones, and those of stack traces as Java, .NET,
 * Python, Go, Node and Ruby write them. A line that begins with a time never does.
 */

/** Of one entry. Beyond: the next line is an entry of its own, whatever it is. */
export const JOINED_LINES_MAX = 500;

/** A time, perhaps in a bracket, or a priority: the head of an entry. */
const HEAD =
  /^(?:<\d{1,3}>|\[?\d{2,4}[-/.]\d{1,2}[-/.]\d{2,4}[T ]|\[?\d{1,2}:\d{2}:\d{2}|\[?(?:\w{3} )?\w{3} {1,2}\d{1,2} \d{2}:)/;
const INDENTED = /^[ \t]/;
/** An exception that is told after the line that says what failed; behind a Java cause too. */
const EXCEPTION =
  /^(?:Caused by: |Suppressed: )?(?:[\w$]+[./:]{1,2})*[A-Z][\w$]*(?:Error|Exception|Throwable|Warning|Interrupt|Exit|Fault)\b(?:: |$|\()/;
const CAUSE = /^(?:Caused by|Suppressed|Wrapped by): |^--- End of |^ ?---> /;
const TRACEBACK =
  /^(?:Traceback \(most recent call last\):|During handling of the above exception|The above exception was the direct cause)/;
/** What ends a Python trace: the name of the exception, in whatever module. */
const TRACEBACK_END = /^[A-Za-z_][\w.]*(?:: |$)/;
const GOROUTINE = /^(?:goroutine \d+ \[|panic: |fatal error: )/;
const GO_FRAME = /^(?:[\w./*()·\-[\]{}]+\(.*\)$|created by |\[signal |exit status |goroutine \d+ \[)/;
/** The end of what was indented: a closing bracket alone. */
const CLOSING = /^[\])}]+[,;]?$/;

type Trace = 'none' | 'python' | 'go';

/** Told every line of a text in order; knows what came before. */
export class JoinedLines {
  #hasEntry = false;
  #count = 0;
  #trace: Trace = 'none';
  #wasIndented = false;

  /** Whether the line belongs to the entry before it. */
  joins(line: string): boolean {
    const joins = this.#hasEntry && this.#count < JOINED_LINES_MAX && this.#belongs(line);
    if (joins) this.#count++;
    else this.#begin(line);
    this.#wasIndented = INDENTED.test(line);
    return joins;
  }

  /** The entry before has been given away: the next line begins another, unless it cannot stand alone. */
  end(): void {
    this.#hasEntry = false;
    this.#trace = 'none';
  }

  #begin(line: string): void {
    this.#hasEntry = true;
    this.#count = 1;
    this.#trace = TRACEBACK.test(line) ? 'python' : GOROUTINE.test(line) ? 'go' : 'none';
  }

  #belongs(line: string): boolean {
    if (INDENTED.test(line)) return true;
    if (HEAD.test(line)) return false;
    if (TRACEBACK.test(line)) {
      this.#trace = 'python';
      return true;
    }
    if (GOROUTINE.test(line)) {
      this.#trace = 'go';
      return true;
    }
    if (this.#trace === 'go' && GO_FRAME.test(line)) return true;
    if (this.#trace === 'python' && this.#wasIndented && TRACEBACK_END.test(line)) {
      this.#trace = 'none';
      return true;
    }
    return CAUSE.test(line) || EXCEPTION.test(line) || (this.#wasIndented && CLOSING.test(line));
  }
}
