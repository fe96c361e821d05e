/**
 * What a start cuts off the active segment is first kept beside it, for a person to look at. Where it cannot be kept, as on
 * a full disk, only a torn write that was never confirmed is cut all the same; anything else stays where it is, and the
 * store is read-only, until there is room.
 */
import { join } from 'node:path';
import { idFloor } from '../../entry/id.ts';
import type { Clock } from '../../system/clock.ts';
import type { Files } from '../../system/files.ts';
import type { Reporter } from '../../system/reporter.ts';
import type { ByteSource } from './byte-source.ts';
import { describeError } from './disk-error.ts';
import { HEAD_BYTES_MAX, readHead, readId } from './head.ts';
import { CUTS_KEPT_MAX, SCAN_BYTES } from './limits.ts';
import { CUT_PREFIX, LOG_NAME } from './names.ts';
import type { Cut } from './recovery.ts';

export interface CutKeeperOptions {
  readonly folder: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly source: ByteSource;
  /** Offset of the first byte to be cut. */
  readonly from: number;
  readonly cut: Cut;
}

/** @returns what must be called, and succeed, before the text is cut off */
export function createCutKeeper(options: CutKeeperOptions): () => Promise<void> {
  const { folder, files, clock, reporter, source, from, cut } = options;

  async function keep(name: string): Promise<void> {
    const path = join(folder, name);
    const fresh = `${path}.new`;
    try {
      const file = await files.openAppend(fresh);
      try {
        await file.truncate(0);
        for (let done = 0; done < cut.byteCount; done += SCAN_BYTES) {
          await file.append(await source.read(from + done, Math.min(SCAN_BYTES, cut.byteCount - done)));
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await files.move(fresh, path);
    } catch (error) {
      // What could not be kept whole must not take up room on a disk that may be full.
      await files.remove(fresh);
      throw error;
    }
  }

  /** The names sort by time. */
  async function removeOldest(): Promise<void> {
    const kept = (await files.list(folder)).filter((name) => name.startsWith(CUT_PREFIX)).sort();
    for (const name of kept.slice(0, -CUTS_KEPT_MAX)) await files.remove(join(folder, name));
  }

  function report(where: string): void {
    const message = `cut ${cut.byteCount} bytes off the end of ${LOG_NAME}: ${cut.reason}; ${where}`;
    reporter({ severity: 'warning', event: 'tail-cut', message });
  }

  return async () => {
    try {
      // After a crash between this and the cut, the same text gets the same name.
      const name = `${CUT_PREFIX}${(await firstId(source, from)) ?? idFloor(clock.nowMs())}`;
      await keep(name);
      report(`they are kept as ${name}`);
    } catch (error) {
      if (!cut.isTornWrite) throw error;
      report(`they could not be kept aside (${describeError(error)})`);
      return;
    }
    try {
      await removeOldest();
    } catch (error) {
      const message = `cannot remove the oldest ${CUT_PREFIX}* (${describeError(error)}); the next cut tries again`;
      reporter({ severity: 'warning', event: 'cut-not-removed', message });
    }
  };
}

/** Undefined when no entry begins there whose id tells its time. */
async function firstId(source: ByteSource, at: number): Promise<string | undefined> {
  const bytes = await source.read(at, HEAD_BYTES_MAX);
  const head = readHead(bytes, 0);
  const id = head && readId(bytes, head.idAt);
  return id?.[14] === '7' ? id : undefined;
}
