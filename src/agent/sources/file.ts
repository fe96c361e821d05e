/**
 * `file`: each line of the files that the patterns name, as it is.
 */
import { hostname } from 'node:os';
import type { Level } from '../../entry/level.ts';
import { createChunkWriter } from '../chunk-writer.ts';
import { type FollowTiming, follow } from '../follow/follower.ts';
import { createRoom } from '../follow/tracked-file.ts';
import { describeFileLine } from '../line-entry.ts';
import { type Source, tellFollowing } from '../source.ts';

export interface FileOptions {
  readonly patterns: readonly [string, ...string[]];
  /** Patterns of files that another source reads. */
  readonly except?: readonly string[] | undefined;
  /** Where a pattern never followed before begins. */
  readonly from: 'start' | 'end';
  /** Without it the machine's name. */
  readonly clientId?: string | undefined;
  readonly levels?: ReadonlySet<Level> | undefined;
  readonly lineBytesMax: number;
  /** Lines that belong together become one entry. */
  readonly joinsLines?: boolean | undefined;
  readonly timing?: Partial<FollowTiming> | undefined;
}

export function fileSource({
  patterns,
  except = [],
  from,
  levels,
  lineBytesMax,
  joinsLines = false,
  timing,
  ...rest
}: FileOptions): Source {
  const clientId = rest.clientId ?? hostname();
  return {
    name: 'file',
    clientId,
    run(context) {
      return follow(
        {
          name: 'file',
          patterns,
          except,
          from,
          timing,
          onFollowing: () => tellFollowing(context, patterns, clientId),
          reading: {
            describe: describeFileLine,
            mayTakeBytes: true,
            joinsLines,
            lineBytesMax,
            chunkBytesMax: context.chunkBytesMax,
            room: createRoom(),
            nowMs: () => context.clock.nowMs(),
            writerFor: (path) => createChunkWriter({ clientId, source: path, levels }),
          },
        },
        context,
      );
    },
  };
}
