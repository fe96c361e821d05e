/**
 * The list in the page: sets the log list up, gives it its looks, and draws what floats over it.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { plural, showWhole } from '../figures.ts';
import { Icon } from '../icons.tsx';
import { NARROW, useMedia } from '../media.ts';
import { density, wrap, zone } from '../preferences.ts';
import { detailFor } from '../time-shown.ts';
import { ExportMenu } from './export-menu.tsx';
import { LogList } from './log-list.ts';
import type { RowStyle } from './row-painter.ts';
import type { ViewModel } from './view-model.ts';

const ROW_HEIGHTS = { compact: 21, relaxed: 28 } as const;
/** Narrow screens show a row on two lines. */
const NARROW_ROW_HEIGHT = 44;
const WRAPPED_LINE_HEIGHT = 18;
/** A message longer than a screen is wide is cut in the row; the detail shows all of it. */
const ROW_TEXT_MAX = 1_200;
const PILL_DELAY_MS = 250;
const WRAPPED_TEXT_MAX = 6_000;

export function ListView({ model, onList }: { readonly model: ViewModel; onList(list: LogList | undefined): void }) {
  const host = useRef<HTMLDivElement>(null);
  const list = useRef<LogList>(undefined);
  const isNarrow = useMedia(NARROW);
  const snapshot = model.snapshot.value;
  const isWrapped = wrap.value === 'on';
  const style = useStyle(model, isWrapped);
  const look = {
    style,
    rowHeight: isNarrow ? NARROW_ROW_HEIGHT : ROW_HEIGHTS[density.value],
    lineHeight: WRAPPED_LINE_HEIGHT,
    selectedKey: model.opened.detail.value?.id ?? model.cursorKey.value,
    checked: model.choice.ids.value,
  };
  const latest = useRef(look);
  latest.current = look;

  useEffect(() => {
    if (!host.current) return;
    const made = new LogList({
      host: host.current,
      viewer: model.viewer,
      look: latest.current,
      listener: {
        onHold: () => model.holdForReading(),
        onFoot: () => model.reachFoot(),
        onNearHead: () => model.loadOlder(),
        onRowClick: (row, how) => {
          if (row.kind === 'gap') model.fillGap(row.key);
          else if (how === 'check') model.choice.toggle(row.key);
          else if (how === 'check-range') model.choice.extendTo(row.key, model.cursorKey.value);
          else {
            model.choose(row.key);
            model.place.open(row.key);
          }
        },
      },
    });
    list.current = made;
    model.onRowsChanged = () => made.schedule();
    model.onReveal = (key) => made.reveal(key);
    onList(made);
    return () => {
      onList(undefined);
      model.onRowsChanged = () => {};
      model.onReveal = () => {};
      made.close();
    };
  }, [model]);
  useEffect(() => list.current?.setLook(look));

  const hasRows = snapshot.shownCount > 0;
  return (
    <div class={`list ${isWrapped ? 'wrapped' : ''} detail-${style.detail} ${model.choice.size > 0 ? 'choosing' : ''}`}>
      <div class="list-head" aria-hidden="true">
        <span class="row-check" />
        <span class="row-time">Time</span>
        <span class="row-level">Level</span>
        <span class="row-client">Client</span>
        <span class="row-message">Message</span>
      </div>
      <div class="list-scroll" ref={host} />
      {hasRows && model.isLoadingOlder.value && <div class="older">Loading older entries…</div>}
      <Pill model={model} />
      <Chosen model={model} />
    </div>
  );
}

/** What has arrived while the list stands still, and the way to it. */
function Pill({ model }: { readonly model: ViewModel }) {
  const { isFollowing, unseen, unseenErrors, shownCount } = model.snapshot.value;
  const isWanted = !isFollowing && shownCount > 0 && model.place.isLive.value;
  // A press on a row pauses: the pill must not come between the press and its release.
  const isDue = useAfter(isWanted, PILL_DELAY_MS);
  if (!isWanted || !isDue) return null;
  return (
    <button
      type="button"
      class={`pill ${unseen === 0 ? 'no-news' : ''}`}
      onClick={() => model.resume()}
      title="Go on live (G)"
    >
      <Icon name="down" />
      {unseen === 0 ? (
        <span>Go on live</span>
      ) : (
        <span>
          {showWhole(unseen)} new{unseenErrors > 0 && <b>, {plural(unseenErrors, 'error')}</b>}
        </span>
      )}
    </button>
  );
}

/** What can be done with the entries that are checked. */
function Chosen({ model }: { readonly model: ViewModel }) {
  const count = model.choice.size;
  if (count === 0) return null;
  return (
    <div class="chosen" role="toolbar" aria-label="What to do with the chosen entries">
      <span class="chosen-count">{showWhole(count)} selected</span>
      <button type="button" onClick={() => model.toggle('pin')}>
        <Icon name="pin" /> Pin
      </button>
      <button type="button" onClick={() => model.toggle('ticket')}>
        <Icon name="ticket" /> Ticket
      </button>
      <button type="button" onClick={() => model.toggle('delete')}>
        <Icon name="trash" /> Delete
      </button>
      <button type="button" onClick={() => model.copySubjects()}>
        <Icon name="copy" /> Copy
      </button>
      <ExportMenu model={model} />
      <button
        type="button"
        class="quiet"
        aria-label="Choose none"
        title="Choose none (Esc)"
        onClick={() => model.choice.clear()}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

/** True once the condition has held for that long. */
function useAfter(condition: boolean, delayMs: number): boolean {
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    if (!condition) return;
    const timer = window.setTimeout(() => setDue(true), delayMs);
    return () => {
      window.clearTimeout(timer);
      setDue(false);
    };
  }, [condition, delayMs]);
  return isDue;
}

/** The same object until something in it changes, so that rows are painted anew only then. */
function useStyle(model: ViewModel, isWrapped: boolean): RowStyle {
  const { viewer } = model;
  const { shownCount } = model.snapshot.value;
  const kept = useRef<RowStyle>(undefined);
  const oldest = viewer.row(0);
  const newest = viewer.row(shownCount - 1);
  const timeOf = (row: typeof oldest) => (row?.kind === 'entry' ? Date.parse(row.entry.timestamp) : Number.NaN);
  const style: RowStyle = {
    zone: zone.value,
    detail: detailFor({ oldest: timeOf(oldest), newest: timeOf(newest) }, Date.now(), zone.value),
    isWrapped,
    highlight: model.highlight.value,
    textMax: isWrapped ? WRAPPED_TEXT_MAX : ROW_TEXT_MAX,
  };
  const before = kept.current;
  const isSame =
    before !== undefined &&
    before.zone === style.zone &&
    before.detail === style.detail &&
    before.isWrapped === style.isWrapped &&
    before.highlight === style.highlight;
  if (!isSame) kept.current = style;
  return kept.current ?? style;
}
