/**
 * What an import has done so far, in figures, and the one line that says it at the end.
 */
import type { ImportBatch } from './batches.ts';
import type { StoreOutcome } from './target.ts';

export interface ImportFigures {
  /** As they lie in the files, packed or not. */
  readonly bytesRead: number;
  /** Of all files; undefined: one of them is a pipe. */
  readonly bytesTotal: number | undefined;
  /** Bytes of the first look at the files, while it goes on; undefined: they are being imported. */
  readonly bytesChecked: number | undefined;
  readonly entriesStored: number;
  readonly entriesBefore: number;
}

interface BadLine {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** Lines told one by one. Beyond: only counted. */
const TOLD_MAX = 3;

export class ImportTally {
  readonly #fileCount: number;
  readonly #bytesTotal: number | undefined;
  #bytesRead = 0;
  #bytesChecked = 0;
  #isChecking = false;
  #stored = 0;
  #before = 0;
  #bad = 0;
  #cut = 0;
  #invalid = 0;
  readonly #told: BadLine[] = [];

  constructor(fileCount: number, bytesTotal: number | undefined) {
    this.#fileCount = fileCount;
    this.#bytesTotal = bytesTotal;
  }

  get figures(): ImportFigures {
    return {
      bytesRead: this.#bytesRead,
      bytesTotal: this.#bytesTotal,
      bytesChecked: this.#isChecking ? this.#bytesChecked : undefined,
      entriesStored: this.#stored,
      entriesBefore: this.#before,
    };
  }

  /** Whether there was something and none of it could be used. */
  get isFruitless(): boolean {
    return this.#bad > 0 && this.#stored === 0 && this.#before === 0;
  }

  /** Bytes of a first look, which tells who the file is. */
  checking(byteCount: number): void {
    this.#isChecking = true;
    this.#bytesChecked += byteCount;
  }

  read(byteCount: number): void {
    this.#isChecking = false;
    this.#bytesRead += byteCount;
  }

  stored(file: string, { lines }: Pick<ImportBatch, 'lines'>, { isDuplicate, rejected }: StoreOutcome): void {
    if (isDuplicate) this.#before += lines.length;
    else this.#stored += lines.length - rejected.length;
    for (const { line, error } of rejected) this.notUnderstood(file, lines[line - 1] ?? 0, error);
  }

  notUnderstood(file: string, line: number, reason: string): void {
    this.#bad++;
    if (this.#told.length < TOLD_MAX) this.#told.push({ file, line, reason });
  }

  damage({ cutLines, invalidLines }: { readonly cutLines: number; readonly invalidLines: number }): void {
    this.#cut += cutLines;
    this.#invalid += invalidLines;
  }

  /** "1,204 entries imported; 3 lines not understood (line 17: …)": what there is to say. */
  summary(states: { readonly set: number; readonly before: number; readonly notFound: number }): string {
    const parts = [this.#entries()];
    if (this.#bad > 0) parts.push(`${count(this.#bad, 'line')} not understood (${this.#samples()})`);
    if (this.#cut > 0) parts.push(`${count(this.#cut, 'line')} too long and cut`);
    if (this.#invalid > 0) parts.push(`${count(this.#invalid, 'line')} with bytes that are no UTF-8`);
    if (states.set > 0) parts.push(`${count(states.set, 'state')} set`);
    if (states.before > 0) parts.push(`${count(states.before, 'state')} there already`);
    if (states.notFound > 0)
      parts.push(`${count(states.notFound, 'state')} without ${states.notFound === 1 ? 'its' : 'their'} entry`);
    return parts.join('; ');
  }

  #entries(): string {
    if (this.#stored === 0 && this.#before > 0) {
      return `nothing new: ${this.#before === 1 ? 'the 1 entry was' : `all ${shown(this.#before)} entries were`} there already`;
    }
    const imported = `${count(this.#stored, 'entry', 'entries')} imported`;
    return this.#before === 0 ? imported : `${imported}, ${shown(this.#before)} there already`;
  }

  #samples(): string {
    const told = this.#told.map(
      ({ file, line, reason }) => `${this.#fileCount > 1 ? `${file} ` : ''}line ${line}: ${reason}`,
    );
    return told.join('; ') + (this.#bad > told.length ? '; …' : '');
  }
}

export function shown(number: number): string {
  return Math.round(number).toLocaleString('en');
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${shown(number)} ${number === 1 ? one : many}`;
}
