/**
 * The search box: the shared query language, completed and checked as one types, with a fault shown where it is.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { parseQuery } from '../../entry/query/parse.ts';
import { sanitize } from '../../viewer/sanitize.ts';
import { Icon } from '../icons.tsx';
import { type Completion, completionAt, type Seen } from './completion.ts';
import type { Fault } from './place.ts';

export interface SearchBoxProps {
  /** The query of the address: what the box shows unless one is typing. */
  readonly text: string;
  readonly fault: Fault | undefined;
  /** Asked for as one types. */
  seen(): Seen;
  onSearch(text: string, how: 'typing' | 'done'): void;
  onLeave(): void;
}

/** A pause in typing after which the search is tried. */
const TYPING_MS = 350;
const NO_COMPLETION: Completion = { from: 0, items: [] };

export function SearchBox({ text, fault, seen, onSearch, onLeave }: SearchBoxProps) {
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<number>(undefined);
  /** What was typed last: the address repeats it trimmed, which must not move the caret. */
  const typed = useRef(text);
  const [completion, setCompletion] = useState<Completion>(NO_COMPLETION);
  /** The item the arrow keys have come to; -1: none. */
  const [active, setActive] = useState(-1);

  useEffect(() => {
    const element = input.current;
    // A text with a fault stays until it is mended or cleared.
    if (!element || fault || typed.current.trim() === text) return;
    typed.current = text;
    element.value = text;
  }, [text, fault]);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const search = (value: string, how: 'typing' | 'done') => {
    window.clearTimeout(timer.current);
    onSearch(value, how);
  };
  const closeCompletion = () => {
    setCompletion(NO_COMPLETION);
    setActive(-1);
  };
  const onTyped = (element: HTMLInputElement) => {
    typed.current = element.value;
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => search(element.value, 'typing'), TYPING_MS);
    setCompletion(completionAt(element.value, element.selectionStart ?? element.value.length, seen()));
    setActive(-1);
  };
  const take = (index: number) => {
    const element = input.current;
    const item = completion.items[index];
    if (!element || !item) return;
    const isKey = /[:=]$/.test(item.text);
    element.setRangeText(
      isKey ? item.text : `${item.text} `,
      completion.from,
      element.selectionStart ?? element.value.length,
      'end',
    );
    element.focus();
    onTyped(element);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = completion.items.length;
    if (count > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setActive((active + (event.key === 'ArrowDown' ? 1 : active === -1 ? 0 : -1) + count) % count);
    } else if (count > 0 && event.key === 'Tab' && !event.shiftKey) {
      event.preventDefault();
      take(Math.max(0, active));
    } else if (event.key === 'Enter' && active >= 0) {
      event.preventDefault();
      take(active);
    } else if (event.key === 'Enter' && !event.isComposing) {
      closeCompletion();
      const wanted = input.current?.value ?? '';
      search(wanted, 'done');
      // A fault is mended where it is: what is typed next must not act on the list.
      if (parseQuery(wanted).ok) onLeave();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (count > 0) closeCompletion();
      else onLeave();
    }
  };
  const isOpen = completion.items.length > 0;
  return (
    <search class={`search ${fault && !isOpen ? 'has-fault' : ''}`}>
      <Icon name="search" />
      <input
        ref={input}
        id="search"
        type="text"
        role="combobox"
        defaultValue={text}
        placeholder="Search   level:error client:api-1 &quot;a phrase&quot;"
        aria-label="Search"
        aria-invalid={fault !== undefined}
        aria-describedby={fault ? 'search-fault' : undefined}
        aria-expanded={isOpen}
        aria-controls="completion"
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 ? `completion-${active}` : undefined}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={(event) => onTyped(event.currentTarget)}
        onKeyDown={onKeyDown}
        onBlur={closeCompletion}
      />
      {text !== '' || fault ? (
        <button
          type="button"
          class="quiet"
          aria-label="Clear the search"
          title="Clear the search"
          onClick={() => {
            typed.current = '';
            if (input.current) input.current.value = '';
            search('', 'done');
            input.current?.focus();
          }}
        >
          <Icon name="close" />
        </button>
      ) : (
        <kbd>/</kbd>
      )}
      {isOpen && <CompletionShown completion={completion} active={active} onTake={take} />}
      {fault && !isOpen && <FaultShown fault={fault} />}
    </search>
  );
}

interface CompletionShownProps {
  readonly completion: Completion;
  readonly active: number;
  onTake(index: number): void;
}

function CompletionShown({ completion, active, onTake }: CompletionShownProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = list.current;
    // A press must not take the focus away from the box.
    const onDown = (event: Event) => event.preventDefault();
    element?.addEventListener('mousedown', onDown);
    return () => element?.removeEventListener('mousedown', onDown);
  }, []);
  return (
    <div class="completion" id="completion" role="listbox" aria-label="Completions" ref={list}>
      {completion.items.map((item, index) => (
        <button
          key={item.text}
          id={`completion-${index}`}
          type="button"
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          onClick={() => onTake(index)}
        >
          <code>{sanitize(item.text)}</code>
          <span>{item.hint}</span>
        </button>
      ))}
    </div>
  );
}

/** The query once more, its faulty place marked, and what was expected there. */
function FaultShown({ fault }: { readonly fault: Fault }) {
  const { text, position, reason } = fault;
  const at = Math.min(position, text.length);
  const rest = text.slice(at);
  const word = /^\S*/.exec(rest)?.[0] ?? '';
  return (
    <div class="fault" id="search-fault" role="alert" data-position={position}>
      <code>
        {sanitize(text.slice(Math.max(0, at - 40), at))}
        <em>{word === '' ? '\u2005' : sanitize(word)}</em>
        {sanitize(rest.slice(word.length, word.length + 40))}
      </code>
      <p>{reason.slice(0, 1).toUpperCase() + reason.slice(1)}</p>
    </div>
  );
}
