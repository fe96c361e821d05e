/**
 * The list of rows: a scrolled window on the viewer's rows, drawn with as few elements as fit the screen. It follows the
 * newest while it stands at the foot; scrolling up, selecting text or choosing a row holds it still, and nothing that
 * arrives or is loaded moves what one reads.
 */
import type { Row } from '../../viewer/row.ts';
import type { Viewer } from '../../viewer/viewer.ts';
import { lineCount, type RowLayout, uniformLayout, variableLayout } from './row-layout.ts';
import { RowPainter, type RowStyle, rowText } from './row-painter.ts';

export interface ListListener {
  /** The person has scrolled up or begun to select: nothing may move. */
  onHold(): void;
  /** The person has scrolled down to the foot. */
  onFoot(): void;
  /** The oldest rows are near. */
  onNearHead(): void;
  onRowClick(row: Row, how: 'open' | 'check' | 'check-range'): void;
}

export interface ListLook {
  readonly style: RowStyle;
  readonly rowHeight: number;
  /** CSS pixels a line of wrapped text takes. */
  readonly lineHeight: number;
  readonly selectedKey: string | undefined;
  readonly checked: ReadonlySet<string>;
}

export interface LogListOptions {
  readonly host: HTMLElement;
  readonly viewer: Viewer;
  readonly listener: ListListener;
  readonly look: ListLook;
}

/** Rows drawn beyond each edge, so that a scroll does not show blank ones. */
const OVERSCAN = 8;
/** Rows from the head at which older ones are asked for. */
const NEAR_HEAD = 60;
/** A foot is a foot within so many pixels. */
const FOOT_SLACK = 3;
const WRAPPED_LINES_MAX = 40;
/** Rows shown above and below one that is brought into view. */
const REVEAL_ROWS = 3;

export class LogList {
  readonly #host: HTMLElement;
  readonly #spacer: HTMLElement;
  readonly #probe: HTMLElement;
  readonly #viewer: Viewer;
  readonly #listener: ListListener;
  readonly #resizes: ResizeObserver;
  #look: ListLook;
  #layout: RowLayout = uniformLayout(0, 1);
  #layoutVersion = -1;
  #pool: RowPainter[] = [];
  #frame: number | undefined;
  #drawnVersion = -1;
  #isDirty = true;
  /** The first row on the screen and how far it is scrolled out: where one reads. */
  #anchor: { readonly key: string; readonly index: number; readonly offset: number } | undefined;
  #scrollTop = 0;
  /** Lines of each wrapped row, for one width. */
  #lines = new WeakMap<Row, number>();
  #columns = 0;
  #sideways = 0;

  constructor({ host, viewer, listener, look }: LogListOptions) {
    this.#host = host;
    this.#viewer = viewer;
    this.#listener = listener;
    this.#look = look;
    this.#spacer = document.createElement('div');
    this.#spacer.className = 'list-rows';
    this.#spacer.setAttribute('role', 'rowgroup');
    this.#probe = document.createElement('span');
    this.#probe.className = 'list-probe';
    this.#probe.setAttribute('aria-hidden', 'true');
    this.#probe.textContent = '0'.repeat(100);
    host.tabIndex = 0;
    host.setAttribute('role', 'grid');
    host.setAttribute('aria-label', 'Entries');
    host.setAttribute('aria-multiselectable', 'true');
    host.append(this.#spacer, this.#probe);
    host.addEventListener('scroll', this.#onScroll, { passive: true });
    host.addEventListener('wheel', this.#onWheel, { passive: true });
    host.addEventListener('click', this.#onClick);
    host.addEventListener('mousedown', this.#onMouseDown);
    document.addEventListener('selectionchange', this.#onSelection);
    this.#resizes = new ResizeObserver(() => this.#onResize());
    this.#resizes.observe(host);
    this.schedule();
  }

  /** Draws at the next frame, if anything has changed. */
  schedule(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#draw();
    });
  }

  setLook(look: ListLook): void {
    if (look.style.isWrapped !== this.#look.style.isWrapped || look.rowHeight !== this.#look.rowHeight) {
      this.#layoutVersion = -1;
    }
    this.#look = look;
    this.#isDirty = true;
    this.schedule();
  }

  /** Brings a row into view with as little movement as that takes. */
  reveal(key: string): void {
    const index = this.#viewer.indexOf(key);
    if (index === -1) return;
    this.#lay();
    const top = this.#layout.topOf(index);
    const bottom = top + this.#layout.heightOf(index);
    const height = this.#host.clientHeight;
    // What stands around it is seen too, and nothing that floats over the foot covers it.
    const room = Math.min(REVEAL_ROWS * this.#look.rowHeight, height / 3);
    if (top - room < this.#host.scrollTop) this.#scrollTo(top - room);
    else if (bottom + room > this.#host.scrollTop + height) this.#scrollTo(bottom + room - height);
    // From now on one reads here: the next drawing must not lead back.
    this.#rememberAnchor(this.#host.scrollTop);
    this.#isDirty = true;
    this.schedule();
  }

  /** @param pages part of a screen, negative: up */
  page(pages: number): void {
    this.#host.scrollTop += Math.trunc(this.#host.clientHeight * pages);
  }

  get rowsPerPage(): number {
    return Math.max(1, Math.floor(this.#host.clientHeight / this.#look.rowHeight) - 1);
  }

  scrollToHead(): void {
    this.#listener.onHold();
    this.#host.scrollTop = 0;
  }

  /** Moves all messages sideways; stays where it is whatever arrives. */
  scrollSideways(by: number): void {
    this.#sideways = Math.max(0, this.#sideways + by);
    this.#host.style.setProperty('--sideways', `${-this.#sideways}px`);
  }

  /** Whether the newest row is on the screen's foot. */
  get isAtFoot(): boolean {
    return this.#host.scrollHeight - this.#host.scrollTop - this.#host.clientHeight <= FOOT_SLACK;
  }

  close(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#resizes.disconnect();
    document.removeEventListener('selectionchange', this.#onSelection);
    this.#host.removeEventListener('scroll', this.#onScroll);
    this.#host.removeEventListener('wheel', this.#onWheel);
    this.#host.removeEventListener('click', this.#onClick);
    this.#host.removeEventListener('mousedown', this.#onMouseDown);
    this.#host.replaceChildren();
  }

  #draw(): void {
    const { version } = this.#viewer;
    const hasNews = version !== this.#drawnVersion;
    this.#drawnVersion = version;
    this.#lay();
    if (this.#viewer.isFollowing) this.#scrollTo(this.#layout.totalHeight - this.#host.clientHeight);
    else if (hasNews || this.#isDirty) this.#holdAnchor();
    this.#isDirty = false;
    this.#drawRows();
  }

  #lay(): void {
    const { version } = this.#viewer;
    if (version === this.#layoutVersion) return;
    this.#layoutVersion = version;
    const { style, rowHeight } = this.#look;
    const { shownCount } = this.#viewer.snapshot();
    if (style.isWrapped) {
      this.#measure();
      this.#layout = variableLayout(shownCount, (index) => this.#wrappedHeight(index));
    } else this.#layout = uniformLayout(shownCount, rowHeight);
    this.#spacer.style.height = `${this.#layout.totalHeight}px`;
    this.#host.setAttribute('aria-rowcount', String(shownCount));
  }

  #wrappedHeight(index: number): number {
    const row = this.#viewer.row(index);
    const { rowHeight, lineHeight, style } = this.#look;
    if (row?.kind !== 'entry') return rowHeight;
    let lines = this.#lines.get(row);
    if (lines === undefined) {
      lines = Math.min(WRAPPED_LINES_MAX, lineCount(rowText(row.entry.message, style), this.#columns));
      this.#lines.set(row, lines);
    }
    return rowHeight + (lines - 1) * lineHeight;
  }

  /** The cells that a line of a wrapped message holds. */
  #measure(): void {
    const cell = this.#probe.getBoundingClientRect().width / 100;
    const message = this.#pool.find(({ element, row }) => !element.hidden && row?.kind === 'entry')?.element;
    const box = message?.querySelector('.row-message')?.getBoundingClientRect().width ?? this.#host.clientWidth - 260;
    const columns = Math.max(10, Math.floor(box / Math.max(1, cell)));
    if (columns === this.#columns) return;
    this.#columns = columns;
    this.#lines = new WeakMap();
  }

  #holdAnchor(): void {
    const anchor = this.#anchor;
    if (!anchor) return;
    const found = this.#viewer.indexOf(anchor.key);
    const index = found === -1 ? Math.min(anchor.index, this.#layout.count - 1) : found;
    if (index >= 0) this.#scrollTo(this.#layout.topOf(index) + anchor.offset);
  }

  #scrollTo(top: number): void {
    const wanted = Math.max(0, Math.min(top, this.#layout.totalHeight - this.#host.clientHeight));
    if (Math.abs(wanted - this.#host.scrollTop) >= 1) this.#host.scrollTop = wanted;
    this.#scrollTop = this.#host.scrollTop;
  }

  #drawRows(): void {
    const { scrollTop, clientHeight } = this.#host;
    const { count } = this.#layout;
    const first = count === 0 ? 0 : Math.max(0, this.#layout.indexAt(scrollTop) - OVERSCAN);
    const end = count === 0 ? 0 : Math.min(count, this.#layout.indexAt(scrollTop + clientHeight) + 1 + OVERSCAN);
    this.#growPool(end - first);
    const { style, selectedKey, checked } = this.#look;
    const used = new Set<RowPainter>();
    const fresh = document.createDocumentFragment();
    for (let index = first; index < end; index++) {
      const row = this.#viewer.row(index);
      const painter = this.#pool[index % this.#pool.length];
      if (!row || !painter) continue;
      painter.paint(row, index, style, { isSelected: row.key === selectedKey, isChecked: checked.has(row.key) });
      painter.place(this.#layout.topOf(index), this.#layout.heightOf(index));
      if (!painter.element.isConnected) fresh.append(painter.element);
      used.add(painter);
    }
    if (fresh.childNodes.length > 0) this.#spacer.append(fresh);
    for (const painter of this.#pool) if (!used.has(painter)) painter.hide();
    this.#tellActive(selectedKey);
    // With the position as it was read above: asking again would have the browser lay the new rows out at once.
    this.#rememberAnchor(scrollTop);
    if (first < NEAR_HEAD && count > 0) this.#listener.onNearHead();
  }

  #growPool(wanted: number): void {
    if (wanted <= this.#pool.length) return;
    // Another length deals the rows out anew; more at once makes that rare.
    for (let number = this.#pool.length; number < wanted + OVERSCAN; number++) this.#pool.push(new RowPainter(number));
  }

  #tellActive(selectedKey: string | undefined): void {
    const active = this.#pool.find(
      ({ element, row }) => !element.hidden && row !== undefined && row.key === selectedKey,
    );
    if (active) this.#host.setAttribute('aria-activedescendant', active.element.id);
    else this.#host.removeAttribute('aria-activedescendant');
  }

  #rememberAnchor(scrollTop: number): void {
    const index = this.#layout.indexAt(scrollTop);
    const row = this.#viewer.row(index);
    this.#anchor = row && { key: row.key, index, offset: scrollTop - this.#layout.topOf(index) };
  }

  #onResize(): void {
    if (this.#look.style.isWrapped) this.#layoutVersion = -1;
    this.#isDirty = true;
    this.schedule();
  }

  readonly #onScroll = (): void => {
    const { scrollTop } = this.#host;
    const moved = scrollTop - this.#scrollTop;
    this.#scrollTop = scrollTop;
    if (moved === 0) return;
    // Rows as they stand on the screen now, before anything else can move them.
    this.#drawRows();
    if (this.#viewer.isFollowing) {
      if (moved < 0 && !this.isAtFoot) this.#listener.onHold();
    } else if (moved > 0 && this.isAtFoot) this.#listener.onFoot();
  };

  /** A flood scrolls to the foot with every frame: the wish to scroll up is seen before it could be undone. */
  readonly #onWheel = (event: WheelEvent): void => {
    if (event.deltaY < 0 && this.#viewer.isFollowing && this.#host.scrollTop > 0) this.#listener.onHold();
    if (event.deltaY > 0 && !this.#viewer.isFollowing && this.isAtFoot) this.#listener.onFoot();
    if (event.deltaX !== 0 && !this.#look.style.isWrapped) this.scrollSideways(event.deltaX);
  };

  readonly #onMouseDown = (event: MouseEvent): void => {
    // A press on the list begins a choice or a selection; on its scroll bar the target is the list itself.
    if (event.button === 0 && event.target !== this.#host) this.#listener.onHold();
  };

  readonly #onSelection = (): void => {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.anchorNode) return;
    if (this.#host.contains(selection.anchorNode) && this.#viewer.isFollowing) this.#listener.onHold();
  };

  readonly #onClick = (event: MouseEvent): void => {
    const target = event.target instanceof Element ? event.target : undefined;
    const element = target?.closest('.row');
    const row = this.#pool.find((painter) => painter.element === element)?.row;
    if (!row) return;
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && !event.shiftKey) return;
    if (event.shiftKey) {
      selection?.removeAllRanges();
      this.#listener.onRowClick(row, 'check-range');
    } else if (event.ctrlKey || event.metaKey || target?.closest('.row-check')) this.#listener.onRowClick(row, 'check');
    else this.#listener.onRowClick(row, 'open');
  };
}
