/**
 * A menu under a button: open until something is chosen, a press beside it, or Escape, which gives the focus back.
 */
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export interface Menu {
  /** Around the button and what it opens. */
  readonly root: RefObject<HTMLDivElement | null>;
  readonly isOpen: boolean;
  toggle(): void;
  close(): void;
}

export function useMenu(): Menu {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const onDown = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    const onEscape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      setOpen(false);
      root.current?.querySelector('button')?.focus();
    };
    document.addEventListener('pointerdown', onDown);
    // Before the page's own keys see it.
    document.addEventListener('keydown', onEscape, { capture: true });
    return () => {
      document.removeEventListener('pointerdown', onDown);
      document.removeEventListener('keydown', onEscape, { capture: true });
    };
  }, [isOpen]);
  return { root, isOpen, toggle: () => setOpen(!isOpen), close: () => setOpen(false) };
}
