/**
 * The time range: the usual spans, all, or what the chart has chosen.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { parseTimeBound } from '../../entry/time.ts';
import type { TimeRange } from '../address.ts';
import { Icon } from '../icons.tsx';
import { zone } from '../preferences.ts';
import { showMoment } from '../time-shown.ts';

export interface RangePickerProps {
  readonly range: TimeRange;
  onRange(range: TimeRange): void;
}

const SPANS: readonly (readonly [string, string])[] = [
  ['5m', '5 minutes'],
  ['15m', '15 minutes'],
  ['1h', 'hour'],
  ['6h', '6 hours'],
  ['24h', '24 hours'],
  ['7d', '7 days'],
  ['30d', '30 days'],
];

export function RangePicker({ range, onRange }: RangePickerProps) {
  const [isOpen, setOpen] = useState(false);
  const [fault, setFault] = useState('');
  const root = useRef<HTMLDivElement>(null);
  const since = useRef<HTMLInputElement>(null);
  const until = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (!isOpen) return;
    const onDown = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    const onEscape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      setOpen(false);
    };
    document.addEventListener('pointerdown', onDown);
    // Before the page's own keys see it.
    document.addEventListener('keydown', onEscape, { capture: true });
    return () => {
      document.removeEventListener('pointerdown', onDown);
      document.removeEventListener('keydown', onEscape, { capture: true });
    };
  }, [isOpen]);

  const choose = (chosen: TimeRange) => {
    setOpen(false);
    setFault('');
    onRange(chosen);
  };
  const chooseTyped = () => {
    const now = Date.now();
    const from = parseTimeBound(since.current?.value || '1d', now);
    const to = parseTimeBound(until.current?.value || 'now', now);
    if (!from.ok) setFault(from.reason);
    else if (!to.ok) setFault(to.reason);
    else if (to.timeMs <= from.timeMs) setFault('the end must come after the beginning');
    else choose({ kind: 'between', sinceMs: from.timeMs, untilMs: to.timeMs });
  };
  return (
    <div class="range" ref={root}>
      <button
        type="button"
        class="range-button"
        aria-haspopup="true"
        aria-expanded={isOpen}
        title="Time range"
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="clock" />
        <span>{describeRange(range)}</span>
        <Icon name="chevron" />
      </button>
      {isOpen && (
        <div class="menu range-menu">
          <button type="button" aria-pressed={range.kind === 'all'} onClick={() => choose({ kind: 'all' })}>
            All
          </button>
          {SPANS.map(([span, words]) => (
            <button
              key={span}
              type="button"
              aria-pressed={range.kind === 'last' && range.span === span}
              onClick={() => choose({ kind: 'last', span })}
            >
              Last {words}
            </button>
          ))}
          <form
            onSubmit={(event) => {
              event.preventDefault();
              chooseTyped();
            }}
          >
            <label>
              From
              <input ref={since} type="text" placeholder="2h, today, 2026-11-23 14:00" />
            </label>
            <label>
              To
              <input ref={until} type="text" placeholder="now" />
            </label>
            {fault !== '' && <p role="alert">{fault}</p>}
            <button type="submit">Show</button>
          </form>
        </div>
      )}
    </div>
  );
}

function describeRange(range: TimeRange): string {
  switch (range.kind) {
    case 'all':
      return 'All';
    case 'last':
      return `Last ${range.span}`;
    case 'between': {
      const precision = range.untilMs - range.sinceMs < 120_000 ? 'second' : 'minute';
      const from = showMoment(range.sinceMs, zone.value, precision);
      const to = showMoment(range.untilMs, zone.value, precision);
      return from.slice(0, 5) === to.slice(0, 5) ? `${from} – ${to.slice(6)}` : `${from} – ${to}`;
    }
    default:
      range satisfies never;
      throw new Error('BUG: a range of unknown kind');
  }
}
