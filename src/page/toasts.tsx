/**
 * Short messages at the foot of the page: what was done, with the way to take it back, and what went wrong.
 */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

export interface Toast {
  readonly id: number;
  readonly tone: 'done' | 'wrong';
  readonly text: string;
  /** What the button does, and its word. */
  readonly action?: { readonly word: string; run(): void } | undefined;
}

const DONE_SHOWN_MS = 7_000;
const WRONG_SHOWN_MS = 12_000;
const SHOWN_MAX = 3;

const toasts = signal<readonly Toast[]>([]);
const timers = new Map<number, number>();
let lastId = 0;

export function sayDone(text: string, action?: Toast['action']): number {
  return say({ id: ++lastId, tone: 'done', text, action }, DONE_SHOWN_MS);
}

export function sayWrong(text: string, action?: Toast['action']): number {
  return say({ id: ++lastId, tone: 'wrong', text, action }, WRONG_SHOWN_MS);
}

export function dismissToast(id: number): void {
  window.clearTimeout(timers.get(id));
  timers.delete(id);
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <ToastShown key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastShown({ toast }: { readonly toast: Toast }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = element;
    // Under the pointer it does not go away.
    const onEnter = () => window.clearTimeout(timers.get(toast.id));
    const onLeave = () => expire(toast.id, DONE_SHOWN_MS);
    current?.addEventListener('mouseenter', onEnter);
    current?.addEventListener('mouseleave', onLeave);
    return () => {
      current?.removeEventListener('mouseenter', onEnter);
      current?.removeEventListener('mouseleave', onLeave);
    };
  }, [toast.id]);
  return (
    <div class={`toast ${toast.tone}`} ref={element}>
      <span class="toast-text">{toast.text}</span>
      {toast.action && (
        <button
          type="button"
          onClick={() => {
            toast.action?.run();
            dismissToast(toast.id);
          }}
        >
          {toast.action.word}
        </button>
      )}
      <button type="button" class="toast-close" aria-label="Dismiss" onClick={() => dismissToast(toast.id)}>
        ✕
      </button>
    </div>
  );
}

function say(toast: Toast, shownMs: number): number {
  // What was done before has been seen; what went wrong stays until it is.
  const all = [...toasts.value.filter(({ tone }) => tone === 'wrong'), toast];
  for (const old of toasts.value) if (!all.slice(-SHOWN_MAX).includes(old)) dismissToast(old.id);
  toasts.value = all.slice(-SHOWN_MAX);
  expire(toast.id, shownMs);
  return toast.id;
}

function expire(id: number, afterMs: number): void {
  window.clearTimeout(timers.get(id));
  timers.set(
    id,
    window.setTimeout(() => dismissToast(id), afterMs),
  );
}
