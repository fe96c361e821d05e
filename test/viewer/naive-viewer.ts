/**
 * The viewer in its plainest form: everything is scanned every time. What it shows is what the real one must show.
 */
import type { EntryJson } from '../../src/entry/entry.ts';

export type NaiveRow =
  | { readonly kind: 'entry'; entry: EntryJson }
  | { readonly kind: 'gap'; missed: number; afterId: string };

export class NaiveViewer {
  readonly capacity: number;
  held: NaiveRow[] = [];
  waiting: NaiveRow[] = [];
  letGo: { entry: EntryJson | undefined; missed: number }[] = [];
  isFollowing = true;
  selected: NaiveRow | undefined;
  shows: (entry: EntryJson) => boolean = (entry) => !entry.is_deleted;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get shown(): NaiveRow[] {
    return this.held.filter((row) => row.kind === 'gap' || this.shows(row.entry));
  }

  get selectedRow(): NaiveRow | undefined {
    return this.isFollowing || !this.selected ? this.shown.at(-1) : this.selected;
  }

  append(entry: EntryJson): void {
    if (this.find(entry.uuid)) return;
    const newest = [...this.held, ...this.waiting].findLast((row) => row.kind === 'entry');
    const isNewest = newest?.kind !== 'entry' || newest.entry.uuid < entry.uuid;
    if (!isNewest) this.merge([entry]);
    else if (this.isFollowing || this.held.length === 0) this.held.push({ kind: 'entry', entry });
    else this.waiting.push({ kind: 'entry', entry });
    this.bound();
    this.keepSelection();
  }

  merge(entries: readonly EntryJson[]): void {
    const firstWaiting = this.waiting.find((row) => row.kind === 'entry');
    for (const entry of entries) {
      if (this.find(entry.uuid)) continue;
      if (firstWaiting?.kind === 'entry' && entry.uuid >= firstWaiting.entry.uuid) continue;
      const at = this.held.findIndex((row) => idOf(row) >= entry.uuid);
      this.held.splice(at === -1 ? this.held.length : at, 0, { kind: 'entry', entry });
    }
    this.bound();
  }

  appendGap(missed: number): void {
    if (!this.isFollowing) {
      this.waiting.push({ kind: 'gap', missed, afterId: '' });
      this.bound();
      return;
    }
    this.pushGap(missed);
    this.bound();
  }

  replace(entry: EntryJson): void {
    for (const row of [...this.held, ...this.waiting]) {
      if (row.kind === 'entry' && row.entry.uuid === entry.uuid) row.entry = entry;
    }
    this.keepSelection();
  }

  pause(): void {
    if (!this.isFollowing) return;
    this.selected = this.shown.at(-1);
    this.isFollowing = false;
  }

  admit(): void {
    const missed = this.letGo.reduce((total, item) => total + item.missed, 0);
    if (missed > 0) this.pushGap(missed);
    for (const row of this.waiting) {
      if (row.kind === 'gap') this.pushGap(row.missed);
      else this.held.push(row);
    }
    this.waiting = [];
    this.letGo = [];
    this.bound();
    this.keepSelection();
  }

  resume(): void {
    this.admit();
    this.isFollowing = true;
    this.selected = undefined;
    this.bound();
  }

  select(row: NaiveRow): void {
    this.pause();
    this.selected = row;
  }

  keepSelection(): void {
    const { shown, selected } = this;
    if (this.isFollowing) return;
    if (selected && shown.includes(selected)) return;
    const next = selected && shown.find((row) => idOf(row) >= idOf(selected));
    this.selected = next ?? shown.at(-1);
  }

  find(id: string): EntryJson | undefined {
    const row = [...this.held, ...this.waiting].find((other) => other.kind === 'entry' && other.entry.uuid === id);
    return row?.kind === 'entry' ? row.entry : undefined;
  }

  private pushGap(missed: number): void {
    const last = this.held.at(-1);
    if (last?.kind === 'gap') last.missed += missed;
    else this.held.push({ kind: 'gap', missed, afterId: last ? idOf(last) : '' });
  }

  private bound(): void {
    this.held = this.held.slice(-this.capacity * (this.isFollowing ? 1 : 2));
    while (this.waiting.length > this.capacity) {
      const row = this.waiting.shift();
      if (row)
        this.letGo.push(
          row.kind === 'gap' ? { entry: undefined, missed: row.missed } : { entry: row.entry, missed: 1 },
        );
    }
  }
}

function idOf(row: NaiveRow): string {
  return row.kind === 'entry' ? row.entry.uuid : row.afterId;
}
