/**
 * `syslog`: the lines of this machine's syslog file, as `Syslog | <line>`, each with the time and level it says.
 */
import { access, constants } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Level } from '../../entry/level.ts';
import { hasCode } from '../../system/files.ts';
import { createChunkWriter } from '../chunk-writer.ts';
import { type FollowTiming, follow } from '../follow/follower.ts';
import { describeSyslogLine } from '../line-entry.ts';
import { type Source, tellFollowing } from '../source.ts';

export interface SyslogOptions {
  /** Empty: the first of the usual places that is there. */
  readonly patterns: readonly string[];
  /** Where a file never followed before begins. */
  readonly from: 'start' | 'end';
  /** Without it `LinuxClient_<machine's name>`. */
  readonly clientId?: string | undefined;
  readonly levels?: ReadonlySet<Level> | undefined;
  readonly lineBytesMax: number;
  /** Lines that belong together become one entry. */
  readonly joinsLines?: boolean | undefined;
  readonly timing?: Partial<FollowTiming> | undefined;
  /** Where syslog daemons write, the likelier first. */
  readonly usualPaths?: readonly string[] | undefined;
}

const USUAL_PATHS = ['/var/log/syslog', '/var/log/messages'];

export function syslogSource(options: SyslogOptions): Source {
  const clientId = options.clientId ?? `LinuxClient_${hostname()}`;
  return {
    name: 'syslog',
    clientId,
    async run(context) {
      const found = await findPatterns(options);
      if (typeof found === 'string') return { kind: 'unusable', reason: found };
      const { from, levels, lineBytesMax, joinsLines = false, timing } = options;
      return follow(
        {
          name: 'syslog',
          patterns: found,
          from,
          timing,
          onFollowing: () => tellFollowing(context, found, clientId),
          reading: {
            describe: describeSyslogLine,
            mayTakeBytes: false,
            joinsLines,
            lineBytesMax,
            chunkBytesMax: context.chunkBytesMax,
            nowMs: () => context.clock.nowMs(),
            writerFor: () => createChunkWriter({ clientId, source: 'syslog', levels }),
          },
        },
        context,
      );
    },
  };
}

/** Whether the syslog file of this machine can be read; the reason why not names the way out. */
async function findPatterns({
  patterns,
  usualPaths = USUAL_PATHS,
}: Pick<SyslogOptions, 'patterns' | 'usualPaths'>): Promise<readonly string[] | string> {
  if (patterns.length > 0) return patterns;
  const closed: string[] = [];
  for (const path of usualPaths) {
    try {
      await access(path, constants.R_OK);
      return [path];
    } catch (error) {
      if (hasCode(error, 'EACCES', 'EPERM')) closed.push(path);
    }
  }
  if (closed.length > 0) {
    return `cannot read ${closed.join(' or ')}: permission denied. Run the agent as a user who may read it (on Debian a member of the group adm) or name another file with --path`;
  }
  return `neither ${usualPaths.join(' nor ')} is there: this machine keeps its log in the journal or elsewhere. Read the journal with --source journald, or name a file with --path`;
}
