/**
 * Several entries chosen for one act: one by one, or all from the last one to this one.
 */
import { signal } from '@preact/signals';
import type { Viewer } from '../../viewer/viewer.ts';

export class Choice {
  readonly ids = signal<ReadonlySet<string>>(new Set());
  readonly #viewer: Viewer;
  #from: string | undefined;

  constructor(viewer: Viewer) {
    this.#viewer = viewer;
  }

  get size(): number {
    return this.ids.value.size;
  }

  toggle(id: string): void {
    const next = new Set(this.ids.value);
    if (!next.delete(id)) next.add(id);
    this.#from = id;
    this.ids.value = next;
  }

  /** @param otherwise where the range begins when nothing has been chosen before */
  extendTo(id: string, otherwise: string | undefined): void {
    const from = this.#viewer.indexOf(this.#from ?? otherwise ?? id);
    const to = this.#viewer.indexOf(id);
    if (from === -1 || to === -1) {
      this.toggle(id);
      return;
    }
    const next = new Set(this.ids.value);
    for (const row of this.#viewer.rows(Math.min(from, to), Math.max(from, to) + 1)) {
      if (row.kind === 'entry') next.add(row.key);
    }
    this.ids.value = next;
  }

  clear(): void {
    this.ids.value = new Set();
    this.#from = undefined;
  }
}
