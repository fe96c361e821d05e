/**
 * An import straight into a data folder, which no server has meanwhile: the same batches through the same decoder, so that
 * a server knows them again.
 */
import { createHash } from 'node:crypto';
import { decodeNdjson } from '../../decode/ndjson.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../../system/clock.ts';
import { CommandError } from '../exit.ts';
import { searchFolder } from '../searchable.ts';
import type { ImportTarget } from './target.ts';

export function createFolderTarget(store: Store, clock: Clock): ImportTarget {
  return {
    async store(producer, { sequence, body }) {
      const decoded = decodeNdjson(body, clock.nowMs());
      if ('kind' in decoded) throw new Error(`BUG: an import made a batch that is refused: ${decoded.reason}`);
      const bodyHash = createHash('sha256').update(body).digest('hex');
      const result = await store.append({ ...decoded.batch, isTextGivenAway: true }, { producer, sequence, bodyHash });
      switch (result.kind) {
        case 'stored':
          return { isDuplicate: false, rejected: decoded.rejected };
        case 'duplicate':
          return { isDuplicate: true, rejected: [] };
        case 'conflict':
          throw new CommandError(
            `batch ${sequence} of this file was stored before with another content: another version of logd imported it`,
          );
        default:
          result satisfies never;
          throw new Error('BUG: an append result of unknown kind');
      }
    },
    entries: searchFolder(store),
    async changeState(ids, change) {
      await store.changeState(ids, () => change);
    },
    close: () => store.close(),
  };
}
