/**
 * Where one is on the view page: query, range and open entry, kept in the browser's address and its history. Every
 * change goes through here and is told once.
 */
import { batch, computed, signal } from '@preact/signals';
import { paths } from '../../api/paths.ts';
import type { EntryJson } from '../../entry/entry.ts';
import { parseQuery, type QueryFault } from '../../entry/query/parse.ts';
import { type Address, ALL, formatAddress, parseAddress, sameRange, type TimeRange } from '../address.ts';

/** A query that does not parse, and where. */
export type Fault = QueryFault & { readonly text: string };

/** Shown on either side of an entry by "Show in list". */
const AROUND_MS = 60_000;

export class Place {
  readonly address = signal<Address>(parseAddress(location.search, Date.now()));
  readonly fault = signal<Fault | undefined>(undefined);
  /** Whether entries arrive by themselves: a range with an end has ended. */
  readonly isLive = computed(() => this.address.value.range.kind !== 'between');
  readonly #onChange: (address: Address) => void;
  #isTyping = false;
  #widerRange: TimeRange = ALL;

  constructor(onChange: (address: Address) => void) {
    this.#onChange = onChange;
  }

  start(): void {
    window.addEventListener('popstate', () => this.#goTo(parseAddress(location.search, Date.now())));
    this.#goTo(this.address.value);
  }

  /** A text that does not parse changes nothing and is told as a fault. */
  search(text: string, how: 'typing' | 'done'): void {
    const trimmed = text.trim();
    this.fault.value = faultOf(trimmed);
    if (this.fault.value || trimmed === this.address.value.query) return;
    // Half-typed words are one step back, not one each.
    const isFurtherTyping = how === 'typing' && this.#isTyping;
    this.#navigate({ ...this.address.value, query: trimmed }, isFurtherTyping ? 'replace' : 'push');
    this.#isTyping = how === 'typing';
  }

  setRange(range: TimeRange): void {
    if (range.kind === 'between' && this.isLive.value) this.#widerRange = this.address.value.range;
    if (!sameRange(range, this.address.value.range)) this.#navigate({ ...this.address.value, range }, 'push');
  }

  /** From a range that has ended back to the one it was cut out of. */
  resetRange(): void {
    this.setRange(this.#widerRange);
  }

  /** To another query and range; the open entry stays open. */
  goTo(view: Address): void {
    this.#navigate({ ...view, entryId: this.address.value.entryId }, 'push');
  }

  clearFilter(): void {
    const { query, range } = this.address.value;
    this.fault.value = undefined;
    if (query === '' && range.kind === 'all') return;
    this.#navigate({ ...this.address.value, query: '', range: ALL }, 'push');
  }

  open(id: string): void {
    const { entryId } = this.address.value;
    if (entryId !== id)
      this.#navigate({ ...this.address.value, entryId: id }, entryId === undefined ? 'push' : 'replace');
  }

  closeDetail(): void {
    if (this.address.value.entryId === undefined) return;
    this.#navigate({ ...this.address.value, entryId: undefined }, 'replace');
  }

  /** The list around an entry, whatever it is filtered by now. */
  showAround(entry: EntryJson): void {
    const timeMs = Date.parse(entry.timestamp);
    const range: TimeRange = { kind: 'between', sinceMs: timeMs - AROUND_MS, untilMs: timeMs + AROUND_MS };
    this.#navigate({ query: '', range, entryId: entry.uuid }, 'push');
  }

  /** The address that shows this entry to a colleague. */
  permalink(id: string): string {
    return `${location.origin}${paths.view}${formatAddress({ query: '', range: ALL, entryId: id })}`;
  }

  #navigate(address: Address, how: 'push' | 'replace'): void {
    this.#isTyping = false;
    const url = location.pathname + formatAddress(address);
    if (how === 'push') history.pushState(null, '', url);
    else history.replaceState(null, '', url);
    this.#goTo(address);
  }

  #goTo(address: Address): void {
    batch(() => {
      this.address.value = address;
      this.fault.value = faultOf(address.query);
    });
    this.#onChange(address);
  }
}

function faultOf(text: string): Fault | undefined {
  const parsed = parseQuery(text);
  return parsed.ok ? undefined : { text, position: parsed.position, reason: parsed.reason };
}
