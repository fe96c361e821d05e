/**
 * Where things are in the HTTP interface; both ends build their paths here.
 */

/** Stands on counts that are of a part of what was asked, as their bodies hold counts and nothing else. */
export const PARTIAL_HEADER = 'x-logd-partial';

export const paths = {
  log: '/log',
  logs: '/logs',
  stream: '/stream-logs',
  search: '/api/logs',
  newLogs: '/api/logs/new',
  changeStates: '/api/logs/state',
  stats: '/api/log_stats',
  histogram: '/api/histogram',
  clients: '/api/clients',
  tickets: '/api/tickets',
  view: '/view',
  ticketsPage: '/tickets',
  clientsPage: '/clients',
  signIn: '/sign-in',
  health: '/healthz',
  ready: '/readyz',
  metrics: '/metrics',
  openApi: '/openapi.json',
  entry: (id: string) => `/api/logs/${id}`,
  act: (id: string, act: 'pin' | 'ticket' | 'delete' | 'note') => `/api/logs/${id}/${act}`,
} as const;
