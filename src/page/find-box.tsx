/**
 * The box in the top bar of a list that is narrowed by what is typed into it.
 */
import type { Signal } from '@preact/signals';
import { Icon } from './icons.tsx';

interface FindBoxProps {
  readonly text: Signal<string>;
  /** "Find a ticket" */
  readonly label: string;
  /** Besides leaving the box. */
  readonly onEscape?: () => void;
}

export function FindBox({ text, label, onEscape }: FindBoxProps) {
  return (
    <search class="search">
      <Icon name="search" />
      <input
        id="search"
        type="text"
        placeholder={label}
        aria-label={label}
        autocomplete="off"
        spellcheck={false}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          onEscape?.();
          event.currentTarget.blur();
        }}
      />
      <kbd>/</kbd>
    </search>
  );
}
