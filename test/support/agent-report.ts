/** What an agent that has nothing to complain of tells of itself. */
import type { AgentReport } from '../../src/api/agent-report.ts';

export function reportOf(rest: Partial<AgentReport> = {}): AgentReport {
  return {
    producer: 'producer-1',
    version: '0.1.0',
    host: 'web-1.example.org',
    clients: ['web-1'],
    sources: [{ name: 'file', lag_bytes: 0, lag_ms: 0 }],
    spool: { batches: 0, lines: 0, bytes: 0, max_bytes: 1_000_000, oldest_ms: 0 },
    gaps: { events: 0, lines: 0, unknown: 0 },
    ...rest,
  };
}
