/**
 * The steps that can be taken back, newest last.
 */
import type { EntryJson } from '../entry/entry.ts';
import { type Act, type ActStep, inverseAct } from './acts.ts';

/** Beyond: the oldest steps are for good. */
const STEPS_MAX = 100;

export class UndoStack {
  #steps: ActStep[] = [];

  get count(): number {
    return this.#steps.length;
  }

  /** Remembers acts that are about to be done. @returns those whose entries are known, and what takes them back */
  push(acts: readonly Act[], entryOf: (id: string) => EntryJson | undefined): ActStep {
    const done: Act[] = [];
    const inverse: Act[] = [];
    for (const act of acts) {
      const before = entryOf(act.id);
      if (!before) continue;
      done.push(act);
      inverse.unshift(inverseAct(act, before));
    }
    const step = { acts: done, inverse };
    if (done.length > 0) this.#steps = [...this.#steps, step].slice(-STEPS_MAX);
    return step;
  }

  pop(): ActStep | undefined {
    return this.#steps.pop();
  }

  remove(step: ActStep): void {
    this.#steps = this.#steps.filter((other) => other !== step);
  }
}
