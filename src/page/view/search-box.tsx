/**
 * The search box: the shared query language, checked as one types, with a fault shown where it is.
 */
import { useEffect, useRef } from 'preact/hooks';
import type { QueryFault } from '../../entry/query/parse.ts';
import { Icon } from '../icons.tsx';

export interface SearchBoxProps {
  /** The query of the address: what the box shows unless one is typing. */
  readonly text: string;
  readonly fault: (QueryFault & { readonly text: string }) | undefined;
  onSearch(text: string, how: 'typing' | 'done'): void;
  onLeave(): void;
}

/** A pause in typing after which the search is tried. */
const TYPING_MS = 350;

export function SearchBox({ text, fault, onSearch, onLeave }: SearchBoxProps) {
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<number>(undefined);
  /** What was typed last: the address repeats it trimmed, which must not move the caret. */
  const typed = useRef(text);

  useEffect(() => {
    const element = input.current;
    if (!element || typed.current.trim() === text) return;
    typed.current = text;
    element.value = text;
  }, [text]);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const search = (value: string, how: 'typing' | 'done') => {
    window.clearTimeout(timer.current);
    onSearch(value, how);
  };
  return (
    <search class={`search ${fault ? 'has-fault' : ''}`}>
      <Icon name="search" />
      <input
        ref={input}
        id="search"
        type="text"
        defaultValue={text}
        placeholder="Search   level:error client:api-1 &quot;a phrase&quot;"
        aria-label="Search"
        aria-invalid={fault !== undefined}
        aria-describedby={fault ? 'search-fault' : undefined}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={(event) => {
          const { value } = event.currentTarget;
          typed.current = value;
          window.clearTimeout(timer.current);
          timer.current = window.setTimeout(() => search(value, 'typing'), TYPING_MS);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            search(event.currentTarget.value, 'done');
            if (!event.isComposing) onLeave();
          }
          if (event.key === 'Escape') {
            event.stopPropagation();
            event.currentTarget.blur();
            onLeave();
          }
        }}
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
      {fault && <FaultShown fault={fault} />}
    </search>
  );
}

/** The query once more, its faulty place marked, and what was expected there. */
function FaultShown({ fault }: { readonly fault: QueryFault & { readonly text: string } }) {
  const { text, position, reason } = fault;
  const at = Math.min(position, text.length);
  const rest = text.slice(at);
  const word = /^\S*/.exec(rest)?.[0] ?? '';
  return (
    <div class="fault" id="search-fault" role="alert" data-position={position}>
      <code>
        {text.slice(Math.max(0, at - 40), at)}
        <em>{word === '' ? '\u2005' : word}</em>
        {rest.slice(word.length, word.length + 40)}
      </code>
      <p>{reason.slice(0, 1).toUpperCase() + reason.slice(1)}</p>
    </div>
  );
}
