/**
 * `syslog`: the lines of this machine's syslog file, as `Syslog | <line>`, each with the time and level it says.
 */
import { access, constants } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Level } from '../../entry/level.ts';
import { hasCode } from '../../system/files.ts';
import { createChunkWriter } from '../chunk-writer.ts';
import { type FollowTiming, follow } from '../follow/follower.ts';
import { createRoom } from '../follow/tracked-file.ts';
import { describeSyslogLine } from '../line-entry.ts';
import { type Source, type SourceContext, type SourceEnd, tellFollowing } from '../source.ts';
import { journaldSource } from './journald.ts';

export interface SyslogOptions {
  /** Empty: the first of the usual places that is there. */
  readonly patterns: readonly string[];
  /** Patterns of files that another source reads. */
  readonly except?: readonly string[] | undefined;
  /** Where a file never followed before begins. */
  readonly from: 'start' | 'end';
  /** Without it `LinuxClient_<machine's name>`. */
  readonly clientId?: string | undefined;
  readonly levels?: ReadonlySet<Level> | undefined;
  readonly lineBytesMax: number;
  /** Lines that belong together become one entry. */
  readonly joinsLines?: boolean | undefined;
  /** Where there is no syslog file: the program that reads the journal. */
  readonly journalctl?: string | undefined;
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
      if ('reason' in found) return { kind: 'unusable', reason: found.reason };
      if ('nothing' in found) return readJournal(options, clientId, found.nothing, context);
      const { patterns } = found;
      const { except = [], from, levels, lineBytesMax, joinsLines = false, timing } = options;
      return follow(
        {
          name: 'syslog',
          patterns,
          except,
          from,
          timing,
          onFollowing: () => tellFollowing(context, patterns, clientId),
          reading: {
            describe: describeSyslogLine,
            mayTakeBytes: false,
            joinsLines,
            lineBytesMax,
            chunkBytesMax: context.chunkBytesMax,
            room: createRoom(),
            nowMs: () => context.clock.nowMs(),
            writerFor: () => createChunkWriter({ clientId, source: 'syslog', levels }),
          },
        },
        context,
      );
    },
  };
}

/** This machine keeps its log in the journal alone. */
async function readJournal(
  { from, levels, lineBytesMax, journalctl }: SyslogOptions,
  clientId: string,
  nothing: string,
  context: SourceContext,
): Promise<SourceEnd> {
  const message = `${nothing}: the journal is read instead, as with --source journald`;
  context.reporter({ severity: 'info', event: 'journal-instead', message });
  const journal = { from, clientId, levels, lineBytesMax, journalctl };
  const otherwise = 'name the log file to read with --path';
  const end = await journaldSource({ ...journal, positionKey: 'syslog-journal:cursor', otherwise }).run(context);
  if (end.kind !== 'unusable') return end;
  return { kind: 'unusable', reason: `${nothing}, and ${end.reason}` };
}

type Found =
  | { readonly patterns: readonly string[] }
  /** It is there and cannot be read; the way out is named. */
  | { readonly reason: string }
  /** None of the usual files is there. */
  | { readonly nothing: string };

/** Whether the syslog file of this machine can be read. */
async function findPatterns({
  patterns,
  usualPaths = USUAL_PATHS,
}: Pick<SyslogOptions, 'patterns' | 'usualPaths'>): Promise<Found> {
  if (patterns.length > 0) return { patterns };
  const closed: string[] = [];
  for (const path of usualPaths) {
    try {
      await access(path, constants.R_OK);
      return { patterns: [path] };
    } catch (error) {
      if (hasCode(error, 'EACCES', 'EPERM')) closed.push(path);
    }
  }
  if (closed.length > 0) {
    const reason = `cannot read ${closed.join(' or ')}: permission denied. Run the agent as a user who may read it (on Debian a member of the group adm) or name another file with --path`;
    return { reason };
  }
  return { nothing: `neither ${usualPaths.join(' nor ')} is there` };
}
