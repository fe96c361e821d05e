/**
 * A line of text being typed: cursor, deletion by word, history. No drawing.
 */
export interface LineEditorOptions {
  readonly text?: string;
  /** Earlier lines, newest last. */
  readonly history?: readonly string[];
  /** In UTF-16 units. Beyond: what is typed is not taken. */
  readonly lengthMax?: number;
}

const LENGTH_MAX = 4_096;

export class LineEditor {
  #characters: string[];
  #at: number;
  readonly #history: readonly string[];
  #historyAt: number;
  #typed = '';
  readonly #lengthMax: number;

  constructor({ text = '', history = [], lengthMax = LENGTH_MAX }: LineEditorOptions = {}) {
    this.#characters = [...text];
    this.#at = this.#characters.length;
    this.#history = history;
    this.#historyAt = history.length;
    this.#lengthMax = lengthMax;
  }

  get text(): string {
    return this.#characters.join('');
  }

  get beforeCursor(): string {
    return this.#characters.slice(0, this.#at).join('');
  }

  get afterCursor(): string {
    return this.#characters.slice(this.#at).join('');
  }

  /** Takes a key by its name (`Left`, `C-w`…) or what it types. @returns false for a key that means nothing here */
  press(key: string, typed: string | undefined): boolean {
    switch (key) {
      case 'Left':
      case 'C-b':
        this.#at = Math.max(0, this.#at - 1);
        return true;
      case 'Right':
      case 'C-f':
        this.#at = Math.min(this.#characters.length, this.#at + 1);
        return true;
      case 'Home':
      case 'C-a':
        this.#at = 0;
        return true;
      case 'End':
      case 'C-e':
        this.#at = this.#characters.length;
        return true;
      case 'Backspace':
        if (this.#at > 0) this.#characters.splice(--this.#at, 1);
        return true;
      case 'Delete':
      case 'C-d':
        this.#characters.splice(this.#at, 1);
        return true;
      case 'C-u':
        this.#characters.splice(0, this.#at);
        this.#at = 0;
        return true;
      case 'C-k':
        this.#characters.splice(this.#at);
        return true;
      case 'C-w':
        this.#deleteWord();
        return true;
      case 'Up':
        this.#recall(-1);
        return true;
      case 'Down':
        this.#recall(1);
        return true;
      default:
        return this.#type(typed);
    }
  }

  #type(typed: string | undefined): boolean {
    if (typed === undefined || /[\u0000-\u001f\u007f]/.test(typed)) return false;
    if (this.text.length + typed.length > this.#lengthMax) return true;
    // A terminal's input may come in halves of a surrogate pair: the halves meet again here.
    const before = [...(this.beforeCursor + typed)];
    this.#characters = [...before, ...this.#characters.slice(this.#at)];
    this.#at = before.length;
    return true;
  }

  #deleteWord(): void {
    const kept = this.beforeCursor.replace(/\S*\s*$/, '');
    const count = [...kept].length;
    this.#characters.splice(count, this.#at - count);
    this.#at = count;
  }

  #recall(direction: 1 | -1): void {
    const to = this.#historyAt + direction;
    if (to < 0 || to > this.#history.length) return;
    if (this.#historyAt === this.#history.length) this.#typed = this.text;
    this.#historyAt = to;
    this.#characters = [...(this.#history[to] ?? this.#typed)];
    this.#at = this.#characters.length;
  }
}
