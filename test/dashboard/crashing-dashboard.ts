/**
 * A dashboard that falls over after its first picture: run in a terminal, to see that the terminal comes back.
 */
import { ApiClient } from '../../src/api/client.ts';
import { runDashboard } from '../../src/dashboard/dashboard.ts';

const client = new ApiClient({ serverUrl: process.argv[2] ?? '' });
setTimeout(() => {
  throw new Error('fell over');
}, 300);
await runDashboard(
  { client, query: '', sinceMs: undefined, hasColor: true, env: process.env },
  new AbortController().signal,
);
