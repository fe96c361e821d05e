/**
 * An agent within a test: its own state folder, its reports kept, stopped and cleaned up at the end of the test.
 */
import type { TestContext } from 'node:test';
import { type AgentEnd, type AgentOptions, runAgent } from '../../src/agent/agent.ts';
import type { Source } from '../../src/agent/source.ts';
import { realClock } from '../../src/system/clock.ts';
import { type Files, realFiles } from '../../src/system/files.ts';
import type { Report } from '../../src/system/reporter.ts';

export interface AgentRun {
  readonly reports: readonly Report[];
  readonly ended: Promise<AgentEnd>;
  /** Asks for a clean stop and waits for it. */
  stop(): Promise<AgentEnd>;
  /** Resolves with the first report of that event. */
  reported(event: string, deadlineMs?: number): Promise<Report>;
}

export function startAgent(
  t: TestContext,
  options: {
    readonly server: string;
    /** Beside it. */
    readonly others?: readonly string[];
    readonly sources: readonly [Source, ...Source[]];
    readonly stateFolder: string;
    readonly files?: Files;
  } & Partial<Pick<AgentOptions, 'once' | 'spoolBytesMax' | 'spoolPolicy' | 'timeoutsMs' | 'token'>>,
): AgentRun {
  const stop = new AbortController();
  const reports: Report[] = [];
  const watchers = new Set<() => void>();
  const { server, others = [], files = realFiles, ...rest } = options;
  const ended = runAgent(
    { servers: [server, ...others], once: false, spoolBytesMax: 64 * 1024 * 1024, ...rest },
    {
      files,
      clock: realClock,
      stop: stop.signal,
      reporter: (report) => {
        reports.push(report);
        for (const wake of watchers) wake();
      },
    },
  );
  const run: AgentRun = {
    reports,
    ended,
    stop() {
      stop.abort();
      return ended;
    },
    reported(event, deadlineMs = 10_000) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = reports.find((report) => report.event === event);
          if (!found) return;
          watchers.delete(look);
          clearTimeout(timer);
          resolve(found);
        };
        const timer = setTimeout(() => {
          watchers.delete(look);
          reject(
            new Error(`no report "${event}" within ${deadlineMs} ms, but ${reports.map((r) => r.event).join(', ')}`),
          );
        }, deadlineMs);
        watchers.add(look);
        look();
      });
    },
  };
  t.after(() => run.stop());
  return run;
}
