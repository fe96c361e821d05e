/**
 * The view page: search and figures above, facets, rows and the open entry below, and the keys.
 */
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { actOfKey, keyNameFromDom } from '../../viewer/keys.ts';
import { ALL } from '../address.ts';
import { showRate, showWhole } from '../figures.ts';
import { Icon } from '../icons.tsx';
import { NARROW, useMedia } from '../media.ts';
import { density, facetsShown, nextChoice, wrap } from '../preferences.ts';
import { showSpan } from '../time-shown.ts';
import { Toasts } from '../toasts.tsx';
import { ConnectionShown, TopBar } from '../top-bar.tsx';
import { useHelp } from '../use-help.tsx';
import { sumOf } from './buckets.ts';
import type { Seen } from './completion.ts';
import { DetailPane } from './detail.tsx';
import { ExportMenu } from './export-menu.tsx';
import { Facets } from './facets.tsx';
import { FirstRun, NothingFound } from './first-run.tsx';
import { KEY_ACTS } from './key-acts.ts';
import { LevelChart } from './level-chart.tsx';
import { ListView } from './list-view.tsx';
import type { LogList } from './log-list.ts';
import { RangePicker } from './range-picker.tsx';
import { SearchBox } from './search-box.tsx';
import { seenFields } from './seen-fields.ts';
import { ViewModel } from './view-model.ts';

const SEEN_ROWS = 1_000;
const NO_TICKETS: readonly number[] = [];

export function showView(host: HTMLElement): void {
  const model = new ViewModel();
  model.start();
  render(<ViewPage model={model} />, host);
}

function ViewPage({ model }: { readonly model: ViewModel }) {
  const help = useHelp();
  const filters = useFilters();
  const list = useRef<LogList>(undefined);
  const { range, query } = model.place.address.value;
  const showing = model.showing.value;

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
      const name = keyNameFromDom(event);
      const act = name === undefined ? undefined : actOfKey(name, 'page');
      // Enter and Space on a button are the button's.
      const isPress = event.target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' ');
      if (act === undefined || isPress || event.target instanceof HTMLAnchorElement) return;
      event.preventDefault();
      KEY_ACTS[act]({ model, list: list.current, showHelp: () => help.show() });
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [model]);
  useTitle(model);

  return (
    <div class={`page view ${model.opened.detail.value ? 'with-detail' : ''} `}>
      <TopBar
        current="view"
        openTickets={model.overview.ticketsMs.value?.length}
        agentTroubles={model.overview.agentTroubles.value}
        onHelp={() => help.show()}
      >
        <SearchBox
          text={query}
          fault={model.place.fault.value}
          seen={() => seenBy(model)}
          onSearch={(text, how) => model.place.search(text, how)}
          onLeave={() => document.querySelector<HTMLElement>('.list-scroll')?.focus()}
        />
        <RangePicker range={range} onRange={(chosen) => model.place.setRange(chosen)} />
        <LineState model={model} />
      </TopBar>
      <LevelChart
        buckets={model.overview.buckets.value}
        ticketsMs={model.overview.ticketsMs.value ?? NO_TICKETS}
        isStale={model.overview.isLoading.value}
        isNarrowed={range.kind === 'between'}
        onRange={(sinceMs, untilMs) => model.place.setRange({ kind: 'between', sinceMs, untilMs })}
        onReset={() => model.place.resetRange()}
      />
      <div class="body">
        {filters.areShown && (
          <Facets
            address={model.place.address.value}
            levels={model.overview.levels.value}
            clients={model.overview.clients.value}
            marks={model.overview.marks.value}
            onQuery={(text) => model.place.search(text, 'done')}
            onView={(view) => model.place.goTo(view)}
          />
        )}
        <main class="rows-area" aria-busy={showing.kind === 'loading'}>
          <h1 class="visually-hidden">Entries</h1>
          <ListView
            model={model}
            onList={(made) => {
              list.current = made;
            }}
          />
          {showing.kind === 'empty-store' && <FirstRun />}
          {showing.kind === 'no-match' && (
            <NothingFound
              hasRange={range.kind !== 'all'}
              isLive={model.place.isLive.value}
              onAllTimes={() => model.place.setRange(ALL)}
              onClear={() => model.place.clearFilter()}
            />
          )}
          {showing.kind === 'failed' && (
            <div class="nothing" role="alert">
              <h1>The entries cannot be shown</h1>
              <p>{showing.message}</p>
              <div class="nothing-acts">
                <button type="button" onClick={() => model.reload()}>
                  Try again
                </button>
              </div>
            </div>
          )}
        </main>
        <DetailPane model={model} />
      </div>
      <StatusBar model={model} areFiltersShown={filters.areShown} onFilters={filters.toggle} />
      <Toasts />
      {help.shown}
    </div>
  );
}

/** Entries that come later than that are said to be late. */
const LAG_MS_TOLD = 2_000;

function LineState({ model }: { readonly model: ViewModel }) {
  const { isFollowing, unseen } = model.snapshot.value;
  const lagMs = model.pace.lagMs.value;
  if (!model.place.isLive.value) {
    return (
      <button
        type="button"
        class="connection fixed"
        title="This range has ended. Click to go on live."
        onClick={() => model.place.resetRange()}
      >
        <i class="dot" />
        <span class="connection-word">Fixed range</span>
      </button>
    );
  }
  return (
    <ConnectionShown
      connection={model.connection.value}
      isPaused={!isFollowing}
      word={isFollowing ? 'Live' : 'Paused'}
      detail={
        !isFollowing
          ? unseen > 0
            ? `${showWhole(unseen)} new`
            : ''
          : lagMs !== undefined && lagMs > LAG_MS_TOLD
            ? `${showSpan(lagMs)} behind`
            : showRate(model.pace.perSecond.value)
      }
      more={lagMs === undefined ? '' : ` Entries are here ${Math.round(lagMs)} ms after they were stored.`}
      onClick={() => model.togglePause()}
    />
  );
}

interface StatusBarProps {
  readonly model: ViewModel;
  readonly areFiltersShown: boolean;
  onFilters(): void;
}

function StatusBar({ model, areFiltersShown, onFilters }: StatusBarProps) {
  const { shownCount } = model.snapshot.value;
  const buckets = model.overview.buckets.value;
  const total = buckets ? buckets.counts.reduce((sum, counts) => sum + sumOf(counts), 0) : undefined;
  return (
    <footer class="status">
      <button
        type="button"
        class="quiet facets-toggle"
        aria-pressed={areFiltersShown}
        title="Show or hide the filters"
        onClick={onFilters}
      >
        <Icon name="panel" /> <span>Filters</span>
      </button>
      <span class="status-count">
        {total !== undefined && (
          <>
            <b>{showWhole(total)}</b> {model.isFiltered.value ? 'match' : 'stored'}
          </>
        )}
      </span>
      <span class="status-loaded">
        {showWhole(shownCount)} loaded{model.reachedOldest ? ', back to the oldest' : ''}
      </span>
      <span class="status-gap" />
      <ExportMenu model={model} />
      <button
        type="button"
        class="quiet"
        aria-pressed={wrap.value === 'on'}
        title="Wrap long lines (z)"
        onClick={() => {
          wrap.value = nextChoice(['off', 'on'], wrap.value);
        }}
      >
        <Icon name="wrap" /> <span>Wrap</span>
      </button>
      <button
        type="button"
        class="quiet"
        aria-pressed={density.value === 'relaxed'}
        title="Rows close together or apart"
        onClick={() => {
          density.value = nextChoice(['compact', 'relaxed'], density.value);
        }}
      >
        <Icon name="rows" /> <span>Relaxed</span>
      </button>
    </footer>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}

/** Of the newest entries at hand: enough to know the names. */
function seenBy(model: ViewModel): Seen {
  const { shownCount } = model.viewer.snapshot();
  const rows = model.viewer.rows(shownCount - SEEN_ROWS, shownCount);
  return {
    clients: (model.overview.clients.value ?? []).map((client) => client.clientId),
    fields: seenFields(rows.flatMap((row) => (row.kind === 'entry' ? [row.entry] : []))),
  };
}

/** Beside the rows as the person left them; over the rows, on a narrow screen, only when asked for. */
function useFilters(): { readonly areShown: boolean; toggle(): void } {
  const isNarrow = useMedia(NARROW);
  const [isOver, setOver] = useState(false);
  return {
    areShown: isNarrow ? isOver : facetsShown.value === 'on',
    toggle: () => {
      if (isNarrow) setOver(!isOver);
      else facetsShown.value = nextChoice(['on', 'off'], facetsShown.value);
    },
  };
}

/** What waits while paused shows in the tab's title. */
function useTitle(model: ViewModel): void {
  const { isFollowing, unseen } = model.snapshot.value;
  const { text } = model.applied.value;
  const name = text === '' ? 'logd' : `${text.slice(0, 60)} · logd`;
  const title = !isFollowing && unseen > 0 ? `(${showWhole(unseen)}) ${name}` : name;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
