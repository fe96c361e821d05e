/**
 * The time range: the usual spans, all, or what the chart has chosen.
 */
import { useRef, useState } from 'preact/hooks';
import { parseTimeBound } from '../../entry/time.ts';
import type { TimeRange } from '../address.ts';
import { Icon } from '../icons.tsx';
import { zone } from '../preferences.ts';
import { showMoment } from '../time-shown.ts';
import { useMenu } from '../use-menu.ts';

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
  const menu = useMenu();
  const [fault, setFault] = useState('');
  const since = useRef<HTMLInputElement>(null);
  const until = useRef<HTMLInputElement>(null);

  const choose = (chosen: TimeRange) => {
    menu.close();
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
    <div class="range" ref={menu.root}>
      <button
        type="button"
        class="range-button"
        aria-haspopup="true"
        aria-expanded={menu.isOpen}
        title="Time range"
        onClick={() => menu.toggle()}
      >
        <Icon name="clock" />
        <span>{describeRange(range)}</span>
        <Icon name="chevron" />
      </button>
      {menu.isOpen && (
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
