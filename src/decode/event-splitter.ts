/**
 * Text → the event elements in it, each as its own text. Fed with pieces cut anywhere; between the events and around them
 * anything may stand: a root element, a declaration, line breaks. Holds at most one event, and of that no more than its bound.
 */

export interface SplitEvent {
  readonly xml: string;
  /** It was longer than the bound, and its end is missing. */
  readonly isCut: boolean;
}

export interface EventSplitter {
  feed(text: string, onEvent: (event: SplitEvent) => void): void;
  /** An event has begun that is not finished. */
  readonly isWithin: boolean;
  /** The beginning of what stood outside of events, without blanks: what a program printed that gave none. */
  readonly outside: string;
}

/** Of one event's XML, in UTF-16 units. Windows allows its data 64 KiB. Beyond: cut, and marked. */
export const EVENT_LENGTH_MAX = 1024 * 1024;

const TOKEN = /<Event(?=[\s/>])|<\/Event\s{0,8}>|<!\[CDATA\[|<!--/g;
/** The longest token but one: so much of the end may be the beginning of one. */
const TOKEN_LENGTH = 20;
/** Stands on each event that Windows prints, never on an element of that name inside one. */
const NAMESPACE = 'schemas.microsoft.com/win/2004/08/events/event';
const OUTSIDE_LENGTH_MAX = 200;

export function createEventSplitter(): EventSplitter {
  return new Splitter();
}

class Splitter implements EventSplitter {
  /** From the beginning of the event, or what was not looked at yet. */
  #text = '';
  /** Looked at so far. */
  #at = 0;
  /** Elements of the name Event that are open; 0: outside. */
  #depth = 0;
  /** What ends the CDATA or comment that is open. */
  #until: string | undefined;
  /** The beginning of an event beyond the bound. */
  #head: string | undefined;
  #outside = '';

  get isWithin(): boolean {
    return this.#depth > 0 || /<E?$|<Ev/.test(this.#text);
  }

  get outside(): string {
    const rest = this.#depth > 0 ? '' : this.#text.trim();
    return (this.#outside + rest).slice(0, OUTSIDE_LENGTH_MAX);
  }

  feed(text: string, onEvent: (event: SplitEvent) => void): void {
    this.#text += text;
    while (this.#step(onEvent)) {
      // Each step takes one token.
    }
    this.#letGo();
  }

  /** False: no whole token is left. */
  #step(onEvent: (event: SplitEvent) => void): boolean {
    if (this.#until !== undefined) {
      const end = this.#text.indexOf(this.#until, this.#at);
      if (end === -1) {
        this.#at = Math.max(this.#at, this.#text.length - this.#until.length + 1);
        return false;
      }
      this.#at = end + this.#until.length;
      this.#until = undefined;
      return true;
    }
    TOKEN.lastIndex = this.#at;
    const found = TOKEN.exec(this.#text);
    if (!found) {
      this.#at = Math.max(this.#at, this.#text.length - TOKEN_LENGTH);
      return false;
    }
    const [token] = found;
    if (token === '<Event') return this.#open(found.index, onEvent);
    this.#at = found.index + token.length;
    if (token === '<![CDATA[') this.#until = ']]>';
    else if (token === '<!--') this.#until = '-->';
    else if (this.#depth > 0) {
      this.#depth--;
      if (this.#depth === 0) this.#finish(this.#at, onEvent);
    }
    return true;
  }

  #open(index: number, onEvent: (event: SplitEvent) => void): boolean {
    const end = this.#text.indexOf('>', index);
    if (end === -1) {
      // A tag of such a length is none.
      const isTag = this.#text.length - index <= EVENT_LENGTH_MAX;
      this.#at = isTag ? index : index + 1;
      return !isTag;
    }
    const isEmpty = this.#text[end - 1] === '/';
    // The one before has no end: it is given as far as it goes.
    if (this.#depth > 0 && this.#text.slice(index, end).includes(NAMESPACE)) {
      this.#depth = 0;
      this.#finish(index, onEvent);
      return true;
    }
    if (this.#depth === 0 && !isEmpty) {
      this.#keepOutside(this.#text.slice(0, index));
      this.#text = this.#text.slice(index);
      this.#at = end + 1 - index;
    } else this.#at = end + 1;
    if (!isEmpty) this.#depth++;
    return true;
  }

  #finish(end: number, onEvent: (event: SplitEvent) => void): void {
    const head = this.#head;
    const xml = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    this.#at = 0;
    this.#head = undefined;
    if (head !== undefined) onEvent({ xml: head, isCut: true });
    else if (xml.length > EVENT_LENGTH_MAX) onEvent({ xml: xml.slice(0, EVENT_LENGTH_MAX), isCut: true });
    else onEvent({ xml, isCut: false });
  }

  /** Holds no more than must be held. */
  #letGo(): void {
    if (this.#depth === 0) {
      this.#keepOutside(this.#text.slice(0, this.#at));
    } else if (this.#head === undefined) {
      if (this.#text.length <= EVENT_LENGTH_MAX) return;
      this.#head = this.#text.slice(0, EVENT_LENGTH_MAX);
    }
    this.#text = this.#text.slice(this.#at);
    this.#at = 0;
  }

  #keepOutside(text: string): void {
    if (this.#outside.length < OUTSIDE_LENGTH_MAX) this.#outside += text.trim().slice(0, OUTSIDE_LENGTH_MAX);
  }
}
