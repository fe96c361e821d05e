/**
 * Reading what was rotated away: a file to its end, then each that was written after it, then on to the file that has the
 * name now. Each hands its place over to the next in one move, so that a crash anywhere finds the chain again.
 */
import { type PositionChanges, positionsOnly } from '../chunk.ts';
import type { SourceContext } from '../source.ts';
import type { RotatedFile } from './content.ts';
import { type FilePosition, toPositionValue } from './file-position.ts';
import { type FoundFile, inodeOf, look } from './find-files.ts';
import type { KnownFiles } from './known-files.ts';
import { findHolder, type Part, positionAtStart, readRest } from './rest.ts';
import type { Telling } from './telling.ts';
import { type ReadingOptions, TrackedFile } from './tracked-file.ts';

/** What comes behind the last rotated file of a chain. */
export type ChainEnd =
  /** The file that has its name now is followed from its beginning. */
  | 'open-successor'
  /** That file is followed already. */
  | 'has-successor'
  /** Another stored position goes on there: only this one file is read. */
  | 'ends';

export interface ChainOptions {
  readonly known: KnownFiles;
  readonly reading: ReadingOptions;
  readonly context: Pick<SourceContext, 'put' | 'stop' | 'clock' | 'once'>;
  readonly telling: Telling;
  /** Who was renamed less long ago may still be written to. */
  readonly rotationGraceMs: number;
}

/** Looks again when the folder was rotated between two looks. */
const TRIES_MAX = 5;

export class Chain {
  readonly #options: ChainOptions;

  constructor(options: ChainOptions) {
    this.#options = options;
  }

  /** The next one is looked for when one has ended, as rotation may go on meanwhile. @returns the key of the last one */
  async read(first: Part, end: ChainEnd): Promise<string> {
    let part = first;
    for (;;) {
      if (end !== 'has-successor' && (await this.#followOn(part))) return part.key;
      let next: Part | undefined;
      const { key } = part;
      const then = async (): Promise<PositionChanges> => {
        const found = await this.findNext(part.position, end);
        next = found.next;
        // Until its successor is there the last one keeps its position: with it the chain is found again.
        return found.changes || end === 'ends' ? { [key]: null, ...found.changes } : {};
      };
      await this.#readRestOf(part, then);
      if (!next || this.#options.context.stop.aborted) return key;
      part = next;
    }
  }

  /**
   * The file that was renamed last may still be written to, by a program that has yet to open the new one: it is followed
   * as if it had been all along, and its successor waits for it. False: it is to be read to its end.
   */
  async #followOn({ file, key, position }: Part): Promise<boolean> {
    const { known, context, rotationGraceMs } = this.#options;
    const { clock, once, put } = context;
    const isItself = file.packing === 'plain' && file.inode === inodeOf(position.dev, position.ino);
    if (once || !isItself || clock.nowMs() - file.ctimeMs >= rotationGraceMs) return false;
    const { holder, later } = await findHolder(position);
    if (holder?.inode !== file.inode || later.length > 0 || known.has(file.inode)) return false;
    const followed = await this.#openAgain(holder.path, { key, position });
    if (!followed) return false;
    followed.rename(position.path);
    followed.leftMs = clock.monotonicMs();
    followed.isLingering = position.hasLeft;
    known.addBeforeSuccessor(followed);
    await put(positionsOnly(followed.change));
    return true;
  }

  async #openAgain(path: string, at: Pick<Part, 'key' | 'position'>): Promise<TrackedFile | undefined> {
    try {
      return await TrackedFile.resume({ ...at, path }, this.#options.reading);
    } catch {
      // Gone or closed to us meanwhile: reading the rest of it finds out, and tells.
      return undefined;
    }
  }

  /** An empty file that fills may have been filled, copied and emptied before: only the copies tell. */
  async readUnseen(before: FilePosition): Promise<void> {
    const { put } = this.#options.context;
    // Where it was rotated itself, what is newer has its turn behind it.
    if ((await findHolder(before)).holder) return;
    const { next, changes } = await this.findNext(before, 'has-successor');
    if (!next) return;
    await put(positionsOnly(changes ?? {}));
    const lastKey = await this.read(next, 'has-successor');
    await put(positionsOnly({ [lastKey]: null }));
  }

  async hasUnseen(position: FilePosition): Promise<boolean> {
    return (await this.#options.known.unseen((await findHolder(position)).later)).length > 0;
  }

  /**
   * What was written after a position's file: a rotated file that was never seen, or the file that has its name now,
   * which is then followed. `changes` make it known; where it is known already, there are none to make.
   */
  async findNext(position: FilePosition, end: ChainEnd): Promise<{ next?: Part; changes?: PositionChanges }> {
    const { known } = this.#options;
    // The successor of one that has left was opened: what is between the two was read.
    if (end === 'ends' && position.hasLeft) return {};
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const { later } = await findHolder(position);
      const turn = await indexOfTurn(later, known);
      const successor = await look(position.path, new Map());
      const isNextKnown = turn !== -1 || (successor !== undefined && known.has(successor.inode));
      // Which of them belong to this one cannot be told without the next one.
      if (end === 'ends' && !isNextKnown) return {};
      const [unseen] = await known.unseen(turn === -1 ? later : later.slice(0, turn));
      if (unseen) {
        const next = { file: unseen, key: known.newKey(), position: await positionAtStart(position.path, unseen) };
        return { next, changes: { [next.key]: toPositionValue(next.position) } };
      }
      if (end !== 'open-successor') return {};
      if (isNextKnown) return { changes: {} };
      const opened = successor && (await this.#openSuccessor(successor));
      if (!opened) return {};
      const inode = inodeOf(opened.dev, opened.ino);
      const unseenSince = await known.unseen((await findHolder(position)).later);
      const missed = unseenSince.filter((file) => file.inode !== inode);
      if (missed.length === 0 && !known.has(inode)) {
        known.add(opened);
        return { changes: opened.change };
      }
      // It was rotated between the two looks.
      await opened.close();
    }
    return {};
  }

  /** The successor, from its beginning; undefined when it is followed already or cannot be opened. */
  async #openSuccessor({ path, inode }: FoundFile): Promise<TrackedFile | undefined> {
    const { known, reading, telling } = this.#options;
    if (known.has(inode)) return undefined;
    try {
      return await TrackedFile.open({ key: known.newKey(), path, from: 0 }, reading);
    } catch (error) {
      telling.trouble(path, error);
      return undefined;
    }
  }

  async #readRestOf(part: Part, then: () => Promise<PositionChanges>): Promise<void> {
    const { reading, context, telling } = this.#options;
    const result = await readRest({ part, reading, put: context.put, then, stop: context.stop });
    switch (result.kind) {
      case 'read':
        telling.cut(part.file.path, result.cut);
        return;
      case 'damaged':
        telling.unfinished(part.file.path, result.reason);
        return;
      case 'stopped':
        return;
      default:
        result satisfies never;
    }
  }
}

/** -1: none of them has its own turn. */
async function indexOfTurn(files: readonly RotatedFile[], known: KnownFiles): Promise<number> {
  for (const [index, file] of files.entries()) if (await known.hasTurn(file)) return index;
  return -1;
}
