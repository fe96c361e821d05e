/**
 * Where things are in the HTTP interface; both ends build their paths here.
 */
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
  signIn: '/sign-in',
  health: '/healthz',
  ready: '/readyz',
  metrics: '/metrics',
  openApi: '/openapi.json',
  entry: (id: string) => `/api/logs/${id}`,
  act: (id: string, act: 'pin' | 'ticket' | 'delete' | 'note') => `/api/logs/${id}/${act}`,
} as const;
