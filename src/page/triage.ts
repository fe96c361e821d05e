/**
 * Acts on entries from the page: shown at once, told to the server, and rolled back with a message when it refuses.
 * Steps done can be undone, newest first. Where entries are shown is told to it as shelves.
 */
import { signal } from '@preact/signals';
import { paths } from '../api/paths.ts';
import type { StateBody, StateEvent } from '../api/types.ts';
import type { EntryJson } from '../entry/entry.ts';
import {
  type Act,
  type ActStep,
  actOn,
  describeActs,
  type EntryStateJson,
  inverseAct,
  noteOf,
} from '../viewer/acts.ts';
import { authorOf } from './author.ts';
import { type Answer, post } from './request.ts';
import { dismissToast, sayDone, sayWrong } from './toasts.tsx';

/** A place where entries are shown. */
export interface Shelf {
  entry(id: string): EntryJson | undefined;
  /** The entry is now in this state, if it is held there. */
  applyState(state: EntryStateJson): void;
}

interface ChangedBody {
  readonly changed: readonly StateEvent[];
}

/** Steps that can be taken back. Beyond: the oldest are for good. */
const UNDO_STEPS_MAX = 100;

export class Triage {
  readonly #shelves: readonly Shelf[];
  /** How many requests about an entry are under way: until the last is answered, what the page shows is newer. */
  readonly #underWay = new Map<string, number>();
  #steps: ActStep[] = [];
  #undoToast = 0;
  readonly canUndo = signal(false);

  constructor(shelves: readonly Shelf[]) {
    this.#shelves = shelves;
  }

  entry(id: string): EntryJson | undefined {
    for (const shelf of this.#shelves) {
      const entry = shelf.entry(id);
      if (entry) return entry;
    }
    return undefined;
  }

  /** A state that the server tells; older than ours while a request of ours is under way. */
  onState(state: StateEvent): void {
    if (!this.#underWay.has(state.uuid)) this.#put(state);
  }

  /** Acts of one kind on entries that are shown; together one step. */
  async act(acts: readonly Act[]): Promise<boolean> {
    const done: Act[] = [];
    const inverse: Act[] = [];
    for (const act of acts) {
      const before = this.entry(act.id);
      if (!before) continue;
      done.push(act);
      inverse.unshift(inverseAct(act, before));
    }
    if (done.length === 0) return false;
    const step: ActStep = { acts: done, inverse };
    this.#show(done);
    this.#remember(step);
    const refusal = await this.#send(done);
    if (refusal === undefined) return true;
    this.#forget(step);
    this.#show(inverse);
    sayWrong(`Not ${describeActs(done)}: ${refusal}`, { word: 'Try again', run: () => void this.act(acts) });
    return false;
  }

  async undo(): Promise<void> {
    const step = this.#steps.at(-1);
    if (!step) return;
    this.#forget(step);
    this.#show(step.inverse);
    const refusal = await this.#send(step.inverse);
    if (refusal === undefined) {
      sayDone(`Taken back: ${describeActs(step.acts)}`);
      return;
    }
    this.#show(step.acts);
    this.#remember(step);
    sayWrong(`Not taken back: ${refusal}`);
  }

  #remember(step: ActStep): void {
    this.#steps = [...this.#steps, step].slice(-UNDO_STEPS_MAX);
    this.canUndo.value = true;
    dismissToast(this.#undoToast);
    this.#undoToast = sayDone(sentence(describeActs(step.acts)), { word: 'Undo', run: () => void this.undo() });
  }

  #forget(step: ActStep): void {
    this.#steps = this.#steps.filter((other) => other !== step);
    this.canUndo.value = this.#steps.length > 0;
    dismissToast(this.#undoToast);
  }

  #show(acts: readonly Act[]): void {
    for (const act of acts) {
      const entry = this.entry(act.id);
      if (entry) this.#put(stateOf(actOn(entry, act)));
    }
  }

  #put(state: EntryStateJson): void {
    for (const shelf of this.#shelves) shelf.applyState(state);
  }

  /** @returns why the server refused; undefined when it did not */
  async #send(acts: readonly Act[]): Promise<string | undefined> {
    for (const act of acts) this.#underWay.set(act.id, (this.#underWay.get(act.id) ?? 0) + 1);
    const answers = await Promise.all(requestsFor(acts));
    for (const act of acts) {
      const left = (this.#underWay.get(act.id) ?? 1) - 1;
      if (left > 0) this.#underWay.set(act.id, left);
      else this.#underWay.delete(act.id);
    }
    const refused = answers.find((answer) => !answer.ok);
    if (refused && !refused.ok) return refused.message;
    for (const answer of answers) if (answer.ok) for (const state of answer.body) this.onState(state);
    return undefined;
  }
}

function stateOf(entry: EntryJson): EntryStateJson {
  const { uuid, is_pinned, is_ticket, is_deleted } = entry;
  return { uuid, is_pinned, is_ticket, is_deleted, ...noteOf(entry) };
}

/** One request for each kind and value; notes go one by one. */
function requestsFor(acts: readonly Act[]): Promise<Answer<readonly StateEvent[]>>[] {
  const requests: Promise<Answer<readonly StateEvent[]>>[] = [];
  const together = new Map<string, { kind: 'pin' | 'ticket' | 'delete'; value: boolean; uuids: string[] }>();
  for (const act of acts) {
    if (act.kind === 'note') {
      requests.push(sendOne(paths.act(act.id, 'note'), { note: act.note, author: act.author }));
      continue;
    }
    const key = `${act.kind} ${act.value}`;
    const group = together.get(key) ?? { kind: act.kind, value: act.value, uuids: [] };
    group.uuids.push(act.id);
    together.set(key, group);
  }
  for (const { kind, value, uuids } of together.values()) {
    const only = uuids.length === 1 ? uuids[0] : undefined;
    const author = authorOf();
    if (only !== undefined) requests.push(sendOne(paths.act(only, kind), { value, author }));
    else requests.push(sendMany({ uuids, [kind]: value, author }));
  }
  return requests;
}

async function sendOne(path: string, body: unknown): Promise<Answer<readonly StateEvent[]>> {
  const answer = await post<StateBody>(path, body);
  return answer.ok ? { ok: true, body: [answer.body] } : answer;
}

async function sendMany(body: unknown): Promise<Answer<readonly StateEvent[]>> {
  const answer = await post<ChangedBody>(paths.changeStates, body);
  return answer.ok ? { ok: true, body: answer.body.changed } : answer;
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
