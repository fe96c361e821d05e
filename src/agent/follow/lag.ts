/**
 * How far the following of files is behind: what was written to them and not read.
 */
import type { Clock } from '../../system/clock.ts';
import type { MeasureLag } from '../source.ts';
import type { TrackedFile } from './tracked-file.ts';

/** @param followed the files that are followed when it is asked */
export function createLagMeter(followed: () => readonly TrackedFile[], clock: Clock): MeasureLag {
  const behindSinceMs = new WeakMap<TrackedFile, number>();
  return async () => {
    const nowMs = clock.nowMs();
    let bytes = 0;
    let ms = 0;
    for (const file of followed()) {
      const { unreadBytes, writtenMs } = await file.lookAhead();
      if (unreadBytes === 0) {
        behindSinceMs.delete(file);
        continue;
      }
      // Its oldest unread line is at least as old as its newest one, and no younger than when it was first missed.
      const sinceMs = behindSinceMs.get(file) ?? Math.min(nowMs, writtenMs);
      behindSinceMs.set(file, sinceMs);
      bytes += unreadBytes;
      ms = Math.max(ms, nowMs - sinceMs);
    }
    return { bytes, ms };
  };
}
